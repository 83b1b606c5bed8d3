SELECT
  '{"salesOrderLines":' || (
    SELECT
      '{"groups":' || (
        SELECT
          '[' || COALESCE(
            STRING_AGG(
              
                '{"key":{"salesOrder":{"orderDate":' || COALESCE(CAST(TO_JSON(group_6.k1) AS TEXT), 'null') || ',"customer":{"code":' || COALESCE(CAST(TO_JSON(group_6.k0) AS TEXT), 'null') || '}},"item":{"code":' || COALESCE(CAST(TO_JSON(group_6.k2) AS TEXT), 'null') || '}},"count":' || CAST(group_6.v0 AS TEXT) || ',"sum":{"amount":"' || CAST(group_6.v1 AS TEXT) || '"},"max":{"quantity":' || COALESCE('"' || CAST(group_6.v2 AS TEXT) || '"', 'null') || '}}',
                ','
              
            ),
            ''
          ) || ']' AS json
        FROM (
          SELECT
            customer_4.code AS k0,
            CAST(DATE_TRUNC('MONTH', CAST(sales_order_3.order_date AS TIMESTAMP)) AS DATE) AS k1,
            item_5.code AS k2,
            COUNT(*) AS v0,
            CAST(COALESCE(SUM(sales_order_line_1.amount), 0) AS DECIMAL(38, 4)) AS v1,
            MAX(sales_order_line_1.quantity) AS v2
          FROM hub.sales_order_line AS sales_order_line_1
          JOIN hub.sales_order AS sales_order_3
            ON sales_order_3.id = sales_order_line_1.sales_order_id
            AND sales_order_3.company_id = CAST($1 AS UUID)
          LEFT OUTER JOIN hub.customer AS customer_4
            ON customer_4.id = sales_order_3.customer_id
            AND customer_4.company_id = CAST($1 AS UUID)
          LEFT OUTER JOIN hub.item AS item_5
            ON item_5.id = sales_order_line_1.item_id
            AND item_5.company_id = CAST($1 AS UUID)
          WHERE
            sales_order_line_1.quantity > CAST($2 AS DECIMAL)
          GROUP BY
            1,
            2,
            3
          HAVING
            NOT (
              MAX(sales_order_line_1.quantity) > CAST($3 AS DECIMAL)
            ) IS TRUE
            AND COUNT(*) >= CAST($4 AS INT)
            AND CAST(COALESCE(SUM(sales_order_line_1.amount), 0) AS DECIMAL(38, 4)) > CAST($5 AS DECIMAL)
          ORDER BY
            CAST(COALESCE(SUM(sales_order_line_1.amount), 0) AS DECIMAL(38, 4)) DESC NULLS LAST,
            2 ASC,
            1 ASC,
            3 ASC
          LIMIT 5
        ) AS group_6
      ) || '}' AS json
  ) || '}' AS answer
