SELECT
  '{"salesOrder":' || COALESCE(
    (
      SELECT
        '{"number":' || CAST(TO_JSON(sales_order_1.number) AS TEXT) || ',"state":"' || UPPER(sales_order_1.state) || '","orderDate":' || CAST(TO_JSON(sales_order_1.order_date) AS TEXT) || ',"total":' || COALESCE(
          '"' || CAST(CAST((
            SELECT
              COALESCE(SUM(sales_order_line_2.amount), CAST($1 AS INT)) AS coalesce_1
            FROM hub.sales_order_line AS sales_order_line_2
            WHERE
              sales_order_line_2.sales_order_id = sales_order_1.id
          ) AS DECIMAL(38, 4)) AS TEXT) || '"',
          'null'
        ) || ',"delivered":' || COALESCE(
          '"' || CAST(CAST((
            SELECT
              CASE
                WHEN (
                  SUM(sales_order_line_3.quantity) > CAST($2 AS INT)
                )
                THEN (
                  CAST($3 AS INT) * SUM(
                    LEAST(
                      (
                        SELECT
                          COALESCE(SUM(delivery_line_4.quantity), CAST($4 AS INT)) AS coalesce_3
                        FROM hub.delivery_line AS delivery_line_4
                        JOIN hub.delivery AS delivery_5
                          ON delivery_5.id = delivery_line_4.delivery_id
                        WHERE
                          delivery_line_4.order_line_id = sales_order_line_3.id
                          AND delivery_5.state IN ($20, $21)
                      ) - (
                        SELECT
                          COALESCE(
                            SUM(
                              (
                                SELECT
                                  COALESCE(SUM(sales_return_line_8.quantity), CAST($5 AS INT)) AS coalesce_6
                                FROM hub.sales_return_line AS sales_return_line_8
                                JOIN hub.sales_return AS sales_return_9
                                  ON sales_return_9.id = sales_return_line_8.sales_return_id
                                WHERE
                                  sales_return_line_8.delivery_line_id = delivery_line_6.id
                                  AND sales_return_9.state IN ($22)
                                  AND NOT sales_return_line_8.credited
                              )
                            ),
                            CAST($6 AS INT)
                          ) AS coalesce_5
                        FROM hub.delivery_line AS delivery_line_6
                        JOIN hub.delivery AS delivery_7
                          ON delivery_7.id = delivery_line_6.delivery_id
                        WHERE
                          delivery_line_6.order_line_id = sales_order_line_3.id
                          AND delivery_7.state IN ($23, $24)
                      ),
                      sales_order_line_3.quantity
                    )
                  )
                ) / CAST(SUM(sales_order_line_3.quantity) AS DECIMAL(20, 4))
                ELSE CAST($7 AS INT)
              END AS anon_1
            FROM hub.sales_order_line AS sales_order_line_3
            WHERE
              sales_order_line_3.sales_order_id = sales_order_1.id
          ) AS DECIMAL(38, 4)) AS TEXT) || '"',
          'null'
        ) || ',"availableSteps":' || CASE
          WHEN (
            sales_order_1.state = CAST($8 AS VARCHAR)
          )
          THEN CAST($9 AS VARCHAR)
          WHEN (
            sales_order_1.state = CAST($10 AS VARCHAR)
          )
          THEN CAST($11 AS VARCHAR)
          WHEN (
            sales_order_1.state = CAST($12 AS VARCHAR)
          )
          THEN CAST($13 AS VARCHAR)
          WHEN (
            sales_order_1.state = CAST($14 AS VARCHAR)
          )
          THEN CAST($15 AS VARCHAR)
          WHEN (
            sales_order_1.state = CAST($16 AS VARCHAR)
          )
          THEN CAST($17 AS VARCHAR)
          ELSE '[]'
        END || '}' AS json
      FROM hub.sales_order AS sales_order_1
      WHERE
        sales_order_1.number = CAST($18 AS VARCHAR)
        AND sales_order_1.company_id = CAST($19 AS UUID)
    ),
    'null'
  ) || '}' AS answer
