SELECT
  '{"salesOrders":' || (
    SELECT
      '{"nodes":' || '[' || COALESCE(
        STRING_AGG(
          
            '{"number":' || CAST(TO_JSON(row_7.number) AS TEXT) || ',"orderDate":' || CAST(TO_JSON(row_7.order_date) AS TEXT) || ',"lines":' || lines_11.json || '}',
            ','
          
          ORDER BY
            row_7.n
        ),
        ''
      ) || ']' || '}' AS json
    FROM (
      SELECT
        page_6.id AS id,
        page_6.number AS number,
        page_6.order_date AS order_date,
        ROW_NUMBER() OVER () AS n
      FROM (
        SELECT
          sales_order_1.id AS id,
          sales_order_1.number AS number,
          sales_order_1.order_date AS order_date
        FROM hub.sales_order AS sales_order_1
        WHERE
          sales_order_1.company_id = CAST($1 AS UUID)
          AND CAST(EXTRACT(YEAR FROM sales_order_1.order_date) AS INT) = CAST($2 AS INT)
          AND CAST(EXTRACT(QUARTER FROM sales_order_1.order_date) AS INT) = ANY(
            CAST($3 AS INT[])
          )
          AND CAST(EXTRACT(ISODOW FROM sales_order_1.order_date) AS INT) BETWEEN CAST($4 AS INT) AND CAST($5 AS INT)
          AND (
            sales_order_1.customer_id IN (
              SELECT
                customer_2.id
              FROM hub.customer AS customer_2
              WHERE
                customer_2.company_id = CAST($1 AS UUID)
                AND (
                  SELECT
                    COUNT(*) > CAST($6 AS INT)
                    AND CAST(EXTRACT(MONTH FROM MAX(sales_order_3.order_date)) AS INT) <= CAST($7 AS INT) AS anon_1
                  FROM hub.sales_order AS sales_order_3
                  WHERE
                    sales_order_3.customer_id = customer_2.id
                    AND sales_order_3.company_id = CAST($1 AS UUID)
                    AND TRUE
                )
            )
          ) IS TRUE
          AND CAST(EXTRACT(YEAR FROM TIMEZONE(CAST($8 AS VARCHAR), sales_order_1.created_at)) AS INT) >= CAST($9 AS INT)
          AND CAST(EXTRACT(MONTH FROM TIMEZONE(CAST($8 AS VARCHAR), sales_order_1.created_at)) AS INT) IS NOT NULL
          AND CAST(EXTRACT(WEEK FROM TIMEZONE(CAST($8 AS VARCHAR), sales_order_1.created_at)) AS INT) <= CAST($10 AS INT)
          AND (
            SELECT
              COUNT(*) >= CAST($11 AS INT)
              AND CAST(COALESCE(SUM(sales_order_line_4.quantity), 0) AS DECIMAL(38, 4)) >= CAST($12 AS DECIMAL)
              AND CAST(AVG(sales_order_line_4.unit_price) AS DECIMAL(38, 6)) > CAST($13 AS DECIMAL)
              AND MIN(sales_order_line_4.promised_date) IS NULL
              AND MAX(sales_order_line_4.quantity) < CAST($14 AS DECIMAL) AS anon_2
            FROM hub.sales_order_line AS sales_order_line_4
            WHERE
              sales_order_line_4.sales_order_id = sales_order_1.id
              AND (
                sales_order_line_4.item_id IN (
                  SELECT
                    item_5.id
                  FROM hub.item AS item_5
                  WHERE
                    item_5.company_id = CAST($1 AS UUID)
                    AND item_5.code IS DISTINCT FROM CAST($15 AS VARCHAR)
                )
              ) IS TRUE
          )
        ORDER BY
          sales_order_1.number ASC
        LIMIT 50
      ) AS page_6
    ) AS row_7
    LEFT OUTER JOIN LATERAL (
      SELECT
        '[' || COALESCE(
          STRING_AGG(
            
              '{"quantity":"' || CAST(sales_order_line_8.quantity AS TEXT) || '","item":' || COALESCE(item_10.json, 'null') || '}',
              ','
            
            ORDER BY
              sales_order_line_8.position ASC
          ),
          ''
        ) || ']' AS json
      FROM hub.sales_order_line AS sales_order_line_8
      LEFT OUTER JOIN LATERAL (
        SELECT
          '{"code":' || CAST(TO_JSON(item_9.code) AS TEXT) || '}' AS json
        FROM hub.item AS item_9
        WHERE
          item_9.id = sales_order_line_8.item_id
          AND item_9.company_id = CAST($1 AS UUID)
      ) AS item_10
        ON TRUE
      WHERE
        sales_order_line_8.sales_order_id = row_7.id
    ) AS lines_11
      ON TRUE
  ) || '}' AS answer
