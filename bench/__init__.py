"""`make bench`: what the platform takes, each figure beside a yardstick that was measured in the same run."""
