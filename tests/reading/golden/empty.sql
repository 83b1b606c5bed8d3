SELECT
  '{"salesOrders":' || (
    SELECT
      '{"totalCount":' || CAST((
        SELECT
          COUNT(*) AS count_1
        FROM hub.sales_order AS sales_order_4
        WHERE
          sales_order_4.company_id = CAST($1 AS UUID) AND FALSE
      ) AS TEXT) || ',"nodes":' || '[' || COALESCE(
        STRING_AGG(
          '{"number":' || CAST(TO_JSON(row_3.number) AS TEXT) || '}', ','
          ORDER BY
            row_3.n
        ) FILTER(WHERE
          row_3.n <= 50),
        ''
      ) || ']' || ',"edges":' || '[' || COALESCE(
        STRING_AGG(
          
            '{"cursor":"' || REPLACE(
              ENCODE(
                CONVERT_TO(CAST(JSON_BUILD_ARRAY('467112cc', CAST(row_3.k0 AS TEXT)) AS TEXT), 'UTF8'),
                'base64'
              ),
              '
',
              ''
            ) || '"}',
            ','
          
          ORDER BY
            row_3.n
        ) FILTER(WHERE
          row_3.n <= 50),
        ''
      ) || ']' || ',"pageInfo":{"startCursor":' || COALESCE(
        '"' || (
          (
            ARRAY_AGG(
              REPLACE(
                ENCODE(
                  CONVERT_TO(CAST(JSON_BUILD_ARRAY('467112cc', CAST(row_3.k0 AS TEXT)) AS TEXT), 'UTF8'),
                  'base64'
                ),
                '
',
                ''
              ) ORDER BY row_3.n
            ) FILTER(WHERE
              row_3.n <= 50)
          )[1]
        ) || '"',
        'null'
      ) || ',"hasNextPage":' || CAST(COUNT(*) > 50 AS TEXT) || '}}' AS json
    FROM (
      SELECT
        page_2.id AS id,
        page_2.number AS number,
        page_2.k0 AS k0,
        ROW_NUMBER() OVER () AS n
      FROM (
        SELECT
          sales_order_1.id AS id,
          sales_order_1.number AS number,
          sales_order_1.number AS k0
        FROM hub.sales_order AS sales_order_1
        WHERE
          sales_order_1.company_id = CAST($1 AS UUID) AND FALSE
        ORDER BY
          sales_order_1.number DESC
        LIMIT 51
      ) AS page_2
    ) AS row_3
  ) || ',"deliveries":' || (
    SELECT
      '{"nodes":' || '[' || COALESCE(
        STRING_AGG(
          
            '{"number":' || CAST(TO_JSON(row_7.number) AS TEXT) || ',"lines":' || lines_9.json || '}',
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
        ROW_NUMBER() OVER () AS n
      FROM (
        SELECT
          delivery_5.id AS id,
          delivery_5.number AS number
        FROM hub.delivery AS delivery_5
        WHERE
          delivery_5.company_id = CAST($1 AS UUID)
        ORDER BY
          delivery_5.number DESC
        LIMIT 50
      ) AS page_6
    ) AS row_7
    LEFT OUTER JOIN LATERAL (
      SELECT
        '[' || COALESCE(
          STRING_AGG(
            '{"position":' || CAST(delivery_line_8.position AS TEXT) || '}', ','
            ORDER BY
              delivery_line_8.position ASC
          ),
          ''
        ) || ']' AS json
      FROM hub.delivery_line AS delivery_line_8
      WHERE
        delivery_line_8.delivery_id = row_7.id
    ) AS lines_9
      ON TRUE
  ) || ',"stockEntries":' || (
    SELECT
      '{"totalCount":' || CAST((
        SELECT
          COUNT(*) AS count_2
        FROM hub.stock_entry AS stock_entry_10
        WHERE
          stock_entry_10.company_id = CAST($1 AS UUID)
      ) AS TEXT) || '}' AS json
  ) || '}' AS answer
