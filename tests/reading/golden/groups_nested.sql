SELECT
  '{"customers":' || (
    SELECT
      '{"nodes":' || '[' || COALESCE(
        STRING_AGG(
          
            '{"code":' || CAST(TO_JSON(row_3.code) AS TEXT) || ',"salesOrders":' || sales_orders_18.json || '}',
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
            '{"count":' || CAST(COUNT(*) AS TEXT) || ',"distinct":{"state":' || CAST(COUNT(DISTINCT sales_order_7.state) AS TEXT) || '}}' AS json
          FROM hub.sales_order AS sales_order_7
          WHERE
            sales_order_7.customer_id = row_3.id
            AND sales_order_7.company_id = CAST($1 AS UUID)
        ) || ',"groups":' || (
          SELECT
            '[' || COALESCE(
              STRING_AGG(
                
                  '{"key":{"orderDate":' || COALESCE(CAST(TO_JSON(group_9.k0) AS TEXT), 'null') || '},"count":' || CAST(group_9.v0 AS TEXT) || ',"min":{"number":' || COALESCE(CAST(TO_JSON(group_9.v1) AS TEXT), 'null') || '}}',
                  ','
                
              ),
              ''
            ) || ']' AS json
          FROM LATERAL (
            SELECT
              CAST(DATE_TRUNC('QUARTER', CAST(sales_order_8.order_date AS TIMESTAMP)) AS DATE) AS k0,
              COUNT(*) AS v0,
              MIN(sales_order_8.number) AS v1
            FROM hub.sales_order AS sales_order_8
            WHERE
              sales_order_8.customer_id = row_3.id
              AND sales_order_8.company_id = CAST($1 AS UUID)
            GROUP BY
              1
            ORDER BY
              1 ASC
            LIMIT 50
          ) AS group_9
        ) || ',"nodes":' || '[' || COALESCE(
          STRING_AGG(
            
              '{"number":' || CAST(TO_JSON(row_6.number) AS TEXT) || ',"linesConnection":' || lines_17.json || '}',
              ','
            
            ORDER BY
              row_6.n
          ),
          ''
        ) || ']' || '}' AS json
      FROM LATERAL (
        SELECT
          page_5.id AS id,
          page_5.number AS number,
          ROW_NUMBER() OVER () AS n
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
      ) AS row_6
      LEFT OUTER JOIN LATERAL (
        SELECT
          '{"aggregate":' || (
            SELECT
              '{"count":' || CAST(COUNT(*) AS TEXT) || ',"sum":{"quantity":"' || CAST(CAST(COALESCE(SUM(sales_order_line_13.quantity), 0) AS DECIMAL(38, 4)) AS TEXT) || '","amount":"' || CAST(CAST(COALESCE(SUM(sales_order_line_13.amount), 0) AS DECIMAL(38, 4)) AS TEXT) || '"}}' AS json
            FROM hub.sales_order_line AS sales_order_line_13
            WHERE
              sales_order_line_13.sales_order_id = row_6.id
              AND sales_order_line_13.quantity > CAST($2 AS DECIMAL)
          ) || ',"nodes":' || '[' || COALESCE(
            STRING_AGG(
              '{"position":' || CAST(row_12.position AS TEXT) || '}', ','
              ORDER BY
                row_12.n DESC
            ) FILTER(WHERE
              row_12.n <= 1),
            ''
          ) || ']' || ',"pageInfo":{"hasPreviousPage":' || CAST(COUNT(*) > 1 AS TEXT) || '},"groups":' || (
            SELECT
              '[' || COALESCE(
                STRING_AGG(
                  
                    '{"key":{"item":{"code":' || COALESCE(CAST(TO_JSON(group_16.k0) AS TEXT), 'null') || '}},"max":{"quantity":' || COALESCE('"' || CAST(group_16.v0 AS TEXT) || '"', 'null') || '}}',
                    ','
                  
                ),
                ''
              ) || ']' AS json
            FROM LATERAL (
              SELECT
                item_15.code AS k0,
                MAX(sales_order_line_14.quantity) AS v0
              FROM hub.sales_order_line AS sales_order_line_14
              LEFT OUTER JOIN hub.item AS item_15
                ON item_15.id = sales_order_line_14.item_id
                AND item_15.company_id = CAST($1 AS UUID)
              WHERE
                sales_order_line_14.sales_order_id = row_6.id
                AND sales_order_line_14.quantity > CAST($3 AS DECIMAL)
              GROUP BY
                1
              ORDER BY
                1 ASC
              LIMIT 50
            ) AS group_16
          ) || '}' AS json
        FROM LATERAL (
          SELECT
            page_11.id AS id,
            page_11.position AS position,
            ROW_NUMBER() OVER () AS n
          FROM LATERAL (
            SELECT
              sales_order_line_10.id AS id,
              sales_order_line_10.position AS position
            FROM hub.sales_order_line AS sales_order_line_10
            WHERE
              sales_order_line_10.sales_order_id = row_6.id
              AND sales_order_line_10.quantity > CAST($4 AS DECIMAL)
            ORDER BY
              sales_order_line_10.position DESC
            LIMIT 2
          ) AS page_11
        ) AS row_12
      ) AS lines_17
        ON TRUE
    ) AS sales_orders_18
      ON TRUE
  ) || '}' AS answer
