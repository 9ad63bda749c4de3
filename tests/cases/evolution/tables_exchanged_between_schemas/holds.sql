select (select body from inside.things) = 'other' and (select body from outside.others) = 'thing'
