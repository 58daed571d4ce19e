-- $n documents of each class: kept, or dropped for one reason. A document's place in the draw is a
-- hash of its id and the seed. Documents of $n_groups row groups, drawn the same way, come first: a
-- common class is then read from few places.
WITH groups AS (
    SELECT part, row_group
    FROM (SELECT DISTINCT part, row // $group_rows AS row_group FROM decisions)
    ORDER BY md5(concat_ws('/', $seed::BIGINT, part, row_group)), part, row_group
    LIMIT $n_groups
),
drawn AS (
    SELECT
        d.reason,
        unnest(arg_min(
            {'part': d.part, 'row': d.row},
            concat(CASE WHEN g.part IS NULL THEN '1' ELSE '0' END,
                   md5(concat_ws('/', $seed::BIGINT, hex(d.doc_id)))),
            $n::BIGINT
        )) AS place,
        count(*)::BIGINT AS documents
    FROM decisions AS d
    LEFT JOIN groups AS g ON g.part = d.part AND g.row_group = d.row // $group_rows
    GROUP BY d.reason
)
SELECT lower(hex(d.doc_id)) AS id, d.*, drawn.documents AS of_class
FROM drawn
JOIN decisions AS d ON d.part = drawn.place.part AND d.row = drawn.place.row
ORDER BY (d.reason IS NOT NULL), drawn.documents DESC, d.reason, d.doc_id
