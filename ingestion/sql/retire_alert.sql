delete from ops.alert
where recovered_at < now() - make_interval(days => {{ days }})
