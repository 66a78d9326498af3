delete from ops.quarantine
where load_date < current_date - {{ days }}::integer
