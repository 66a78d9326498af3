delete from ops.model_run
where finished_at < now() - make_interval(days => {{ days }})
