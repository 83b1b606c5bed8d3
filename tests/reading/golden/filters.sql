SELECT
  '{"salesOrders":' || (
    SELECT
      '{"totalCount":' || CAST((
        SELECT
          COUNT(*) AS count_1
        FROM hub.sales_order AS sales_order_7
        WHERE
          sales_order_7.company_id = CAST($1 AS UUID)
          AND (
            (
              sales_order_7.customer_id IN (
                SELECT
                  customer_8.id
                FROM hub.customer AS customer_8
                WHERE
                  customer_8.company_id = CAST($1 AS UUID)
                  AND (
                    (
                      hub.terms(customer_8.name) @> hub.query_terms(CAST($2 AS VARCHAR))
                    )
                    AND customer_8.name ILIKE CAST($3 AS VARCHAR) ESCAPE '\'
                    OR (
                      hub.terms(customer_8.name_pinyin) @> hub.query_terms(CAST($2 AS VARCHAR))
                    )
                    AND customer_8.name_pinyin ILIKE CAST($4 AS VARCHAR) ESCAPE '\'
                  )
              )
            ) IS TRUE
            OR NOT (
              NOT (
                EXISTS(
                  SELECT
                    *
                  FROM hub.sales_order_line AS sales_order_line_9
                  WHERE
                    sales_order_line_9.sales_order_id = sales_order_7.id
                    AND NOT (
                      sales_order_line_9.quantity < CAST($5 AS DECIMAL)
                    ) IS TRUE
                )
              )
            ) IS TRUE
          )
          AND sales_order_7.state = ANY(
            CAST($6 AS VARCHAR[])
          )
          AND sales_order_7.order_date BETWEEN CAST($7 AS DATE) AND CAST($8 AS DATE)
          AND sales_order_7.note IS NOT NULL
      ) AS TEXT) || ',"nodes":' || '[' || COALESCE(
        STRING_AGG(
          
            '{"number":' || CAST(TO_JSON(row_6.number) AS TEXT) || ',"orderDate":' || CAST(TO_JSON(row_6.order_date) AS TEXT) || ',"customer":' || COALESCE(customer_11.json, 'null') || '}',
            ','
          
          ORDER BY
            row_6.n
        ),
        ''
      ) || ']' || '}' AS json
    FROM (
      SELECT
        page_5.id AS id,
        page_5.number AS number,
        page_5.order_date AS order_date,
        page_5.customer_id AS customer_id,
        ROW_NUMBER() OVER () AS n
      FROM (
        SELECT
          sales_order_1.id AS id,
          sales_order_1.number AS number,
          sales_order_1.order_date AS order_date,
          sales_order_1.customer_id AS customer_id
        FROM hub.sales_order AS sales_order_1
        LEFT OUTER JOIN hub.customer AS customer_4
          ON customer_4.id = sales_order_1.customer_id
          AND customer_4.company_id = CAST($1 AS UUID)
        WHERE
          sales_order_1.company_id = CAST($1 AS UUID)
          AND (
            (
              sales_order_1.customer_id IN (
                SELECT
                  customer_2.id
                FROM hub.customer AS customer_2
                WHERE
                  customer_2.company_id = CAST($1 AS UUID)
                  AND (
                    (
                      hub.terms(customer_2.name) @> hub.query_terms(CAST($9 AS VARCHAR))
                    )
                    AND customer_2.name ILIKE CAST($10 AS VARCHAR) ESCAPE '\'
                    OR (
                      hub.terms(customer_2.name_pinyin) @> hub.query_terms(CAST($9 AS VARCHAR))
                    )
                    AND customer_2.name_pinyin ILIKE CAST($11 AS VARCHAR) ESCAPE '\'
                  )
              )
            ) IS TRUE
            OR NOT (
              NOT (
                EXISTS(
                  SELECT
                    *
                  FROM hub.sales_order_line AS sales_order_line_3
                  WHERE
                    sales_order_line_3.sales_order_id = sales_order_1.id
                    AND NOT (
                      sales_order_line_3.quantity < CAST($12 AS DECIMAL)
                    ) IS TRUE
                )
              )
            ) IS TRUE
          )
          AND sales_order_1.state = ANY(
            CAST($13 AS VARCHAR[])
          )
          AND sales_order_1.order_date BETWEEN CAST($14 AS DATE) AND CAST($15 AS DATE)
          AND sales_order_1.note IS NOT NULL
        ORDER BY
          customer_4.name DESC NULLS LAST,
          sales_order_1.order_date ASC,
          sales_order_1.id ASC
        LIMIT 50
      ) AS page_5
    ) AS row_6
    LEFT OUTER JOIN LATERAL (
      SELECT
        '{"name":' || CAST(TO_JSON(customer_10.name) AS TEXT) || '}' AS json
      FROM hub.customer AS customer_10
      WHERE
        customer_10.id = row_6.customer_id
        AND customer_10.company_id = CAST($1 AS UUID)
    ) AS customer_11
      ON TRUE
  ) || '}' AS answer
