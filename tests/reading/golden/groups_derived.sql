SELECT
  '{"salesOrders":' || (
    SELECT
      '{"groups":' || (
        SELECT
          '[' || COALESCE(
            STRING_AGG(
              
                '{"key":{"state":' || COALESCE('"' || UPPER(group_11.k0) || '"', 'null') || '},"sum":{"total":"' || CAST(group_11.v0 AS TEXT) || '"},"avg":{"total":' || COALESCE('"' || CAST(group_11.v1 AS TEXT) || '"', 'null') || ',"delivered":' || COALESCE('"' || CAST(group_11.v2 AS TEXT) || '"', 'null') || '}}',
                ','
              
            ),
            ''
          ) || ']' AS json
        FROM (
          SELECT
            computed_10.c0 AS k0,
            DATE_TRUNC('YEAR', computed_10.c1, CAST($1 AS VARCHAR)) AS k1,
            CAST(COALESCE(SUM(computed_10.c2), 0) AS DECIMAL(38, 4)) AS v0,
            CAST(AVG(computed_10.c2) AS DECIMAL(38, 6)) AS v1,
            CAST(AVG(computed_10.c3) AS DECIMAL(38, 6)) AS v2
          FROM (
            SELECT
              sales_order_1.state AS c0,
              sales_order_1.created_at AS c1,
              CAST((
                SELECT
                  COALESCE(SUM(sales_order_line_2.amount), CAST($2 AS INT)) AS coalesce_1
                FROM hub.sales_order_line AS sales_order_line_2
                WHERE
                  sales_order_line_2.sales_order_id = sales_order_1.id
              ) AS DECIMAL(38, 4)) AS c2,
              CAST((
                SELECT
                  CASE
                    WHEN (
                      SUM(sales_order_line_3.quantity) > CAST($3 AS INT)
                    )
                    THEN (
                      CAST($4 AS INT) * SUM(
                        LEAST(
                          (
                            SELECT
                              COALESCE(SUM(delivery_line_4.quantity), CAST($5 AS INT)) AS coalesce_3
                            FROM hub.delivery_line AS delivery_line_4
                            JOIN hub.delivery AS delivery_5
                              ON delivery_5.id = delivery_line_4.delivery_id
                            WHERE
                              delivery_line_4.order_line_id = sales_order_line_3.id
                              AND delivery_5.state IN ($10, $11)
                          ) - (
                            SELECT
                              COALESCE(
                                SUM(
                                  (
                                    SELECT
                                      COALESCE(SUM(sales_return_line_8.quantity), CAST($6 AS INT)) AS coalesce_6
                                    FROM hub.sales_return_line AS sales_return_line_8
                                    JOIN hub.sales_return AS sales_return_9
                                      ON sales_return_9.id = sales_return_line_8.sales_return_id
                                    WHERE
                                      sales_return_line_8.delivery_line_id = delivery_line_6.id
                                      AND sales_return_9.state IN ($12)
                                      AND NOT sales_return_line_8.credited
                                  )
                                ),
                                CAST($7 AS INT)
                              ) AS coalesce_5
                            FROM hub.delivery_line AS delivery_line_6
                            JOIN hub.delivery AS delivery_7
                              ON delivery_7.id = delivery_line_6.delivery_id
                            WHERE
                              delivery_line_6.order_line_id = sales_order_line_3.id
                              AND delivery_7.state IN ($13, $14)
                          ),
                          sales_order_line_3.quantity
                        )
                      )
                    ) / CAST(SUM(sales_order_line_3.quantity) AS DECIMAL(20, 4))
                    ELSE CAST($8 AS INT)
                  END AS anon_1
                FROM hub.sales_order_line AS sales_order_line_3
                WHERE
                  sales_order_line_3.sales_order_id = sales_order_1.id
              ) AS DECIMAL(38, 4)) AS c3
            FROM hub.sales_order AS sales_order_1
            WHERE
              sales_order_1.company_id = CAST($9 AS UUID)
            LIMIT ALL
            OFFSET 0
          ) AS computed_10
          GROUP BY
            1,
            2
          ORDER BY
            CAST(AVG(computed_10.c2) AS DECIMAL(38, 6)) DESC NULLS LAST,
            1 ASC,
            2 ASC
          LIMIT 50
        ) AS group_11
      ) || '}' AS json
  ) || '}' AS answer
