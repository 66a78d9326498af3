select
    thing as "interest",
    people,
    people_first as "first of all",
    share_first as "share of firsts",
    uses,
    share_of_uses as "share of uses"
from reporting.interests
where kind = '$interest'
order by people desc, thing
limit 30
