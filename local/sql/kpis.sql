-- TO BE REPLACED
select load_date, lines_read from ops.load order by load_date desc limit %(days)s
