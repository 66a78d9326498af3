-- One row per week, segment of the week before and segment of the week: how many people moved so, or stayed.
{{ segment_moves(ref('mart_segment_moves')) }}
