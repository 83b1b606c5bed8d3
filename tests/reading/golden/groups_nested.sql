SELECT
  '{"customers":' || (
    SELECT
      '{"nodes":' || '[' || COALESCE(
        STRING_AGG(
          
            '{"code":' || CAST(TO_JSON(row_3.code) AS TEXT) || ',"salesOrders":' || sales_orders_14.json || '}',
            ','
          
          ORDER BY
            row_3.n
        ),
        ''
      ) || ']' || '}' AS json
    FROM (
      SELECT
        page_2.id AS id,
        page_2.code AS code,
        ROW_NUMBER() OVER () AS n
      FROM (
        SELECT
          customer_1.id AS id,
          customer_1.code AS code
        FROM hub.customer AS customer_1
        WHERE
          customer_1.company_id = CAST($1 AS UUID)
        ORDER BY
          customer_1.code ASC
        LIMIT 2
      ) AS page_2
    ) AS row_3
    LEFT OUTER JOIN LATERAL (
      SELECT
        '{"aggregate":' || (
          SELECT
            '{"count":' || CAST(COUNT(*) AS TEXT) || ',"distinct":{"state":' || CAST(COUNT(DISTINCT sales_order_6.state) AS TEXT) || '}}' AS json
          FROM hub.sales_order AS sales_order_6
          WHERE
            sales_order_6.customer_id = row_3.id
            AND sales_order_6.company_id = CAST($1 AS UUID)
        ) || ',"groups":' || (
          SELECT
            '[' || COALESCE(
              STRING_AGG(
                
                  '{"key":{"orderDate":' || COALESCE(CAST(TO_JSON(group_8.k0) AS TEXT), 'null') || '},"count":' || CAST(group_8.v0 AS TEXT) || ',"min":{"number":' || COALESCE(CAST(TO_JSON(group_8.v1) AS TEXT), 'null') || '}}',
                  ','
                
              ),
              ''
            ) || ']' AS json
          FROM LATERAL (
            SELECT
              CAST(DATE_TRUNC('QUARTER', CAST(sales_order_7.order_date AS TIMESTAMP)) AS DATE) AS k0,
              COUNT(*) AS v0,
              MIN(sales_order_7.number) AS v1
            FROM hub.sales_order AS sales_order_7
            WHERE
              sales_order_7.customer_id = row_3.id
              AND sales_order_7.company_id = CAST($1 AS UUID)
            GROUP BY
              1
            ORDER BY
              1 ASC
            LIMIT 50
          ) AS group_8
        ) || ',"nodes":' || '[' || COALESCE(
          STRING_AGG(
            
              '{"number":' || CAST(TO_JSON(page_5.number) AS TEXT) || ',"linesAggregate":' || lines_13.json || '}',
              ','
            
          ),
          ''
        ) || ']' || '}' AS json
      FROM LATERAL (
        SELECT
          sales_order_4.id AS id,
          sales_order_4.number AS number
        FROM hub.sales_order AS sales_order_4
        WHERE
          sales_order_4.customer_id = row_3.id
          AND sales_order_4.company_id = CAST($1 AS UUID)
        ORDER BY
          sales_order_4.number DESC
        LIMIT 50
      ) AS page_5
      LEFT OUTER JOIN LATERAL (
        SELECT
          '{"count":' || CAST(COUNT(*) AS TEXT) || ',"sum":{"quantity":"' || CAST(CAST(COALESCE(SUM(sales_order_line_9.quantity), 0) AS DECIMAL(38, 4)) AS TEXT) || '","amount":"' || CAST(CAST(COALESCE(SUM(sales_order_line_9.amount), 0) AS DECIMAL(38, 4)) AS TEXT) || '"},"groups":' || (
            SELECT
              '[' || COALESCE(
                STRING_AGG(
                  
                    '{"key":{"item":{"code":' || COALESCE(CAST(TO_JSON(group_12.k0) AS TEXT), 'null') || '}},"max":{"quantity":' || COALESCE('"' || CAST(group_12.v0 AS TEXT) || '"', 'null') || '}}',
                    ','
                  
                ),
                ''
              ) || ']' AS json
            FROM LATERAL (
              SELECT
                item_11.code AS k0,
                MAX(sales_order_line_10.quantity) AS v0
              FROM hub.sales_order_line AS sales_order_line_10
              LEFT OUTER JOIN hub.item AS item_11
                ON item_11.id = sales_order_line_10.item_id
                AND item_11.company_id = CAST($1 AS UUID)
              WHERE
                sales_order_line_10.sales_order_id = page_5.id
                AND sales_order_line_10.quantity > CAST($2 AS DECIMAL)
              GROUP BY
                1
              ORDER BY
                1 ASC
              LIMIT 50
            ) AS group_12
          ) || '}' AS json
        FROM hub.sales_order_line AS sales_order_line_9
        WHERE
          sales_order_line_9.sales_order_id = page_5.id
          AND sales_order_line_9.quantity > CAST($3 AS DECIMAL)
      ) AS lines_13
        ON TRUE
    ) AS sales_orders_14
      ON TRUE
  ) || '}' AS answer
