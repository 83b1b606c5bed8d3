SELECT
  '{"customers":' || (
    SELECT
      '{"edges":' || '[' || COALESCE(
        STRING_AGG(
          
            '{"cursor":"' || REPLACE(
              ENCODE(
                CONVERT_TO(
                  CAST(JSON_BUILD_ARRAY('455b450a', CAST(row_3.k0 AS TEXT), CAST(row_3.k1 AS TEXT)) AS TEXT),
                  'UTF8'
                ),
                'base64'
              ),
              '
',
              ''
            ) || '","node":' || '{"code":' || CAST(TO_JSON(row_3.code) AS TEXT) || ',"city":' || COALESCE(CAST(TO_JSON(row_3.city) AS TEXT), 'null') || '}' || '}',
            ','
          
          ORDER BY
            row_3.n DESC
        ) FILTER(WHERE
          row_3.n <= 2),
        ''
      ) || ']' || ',"pageInfo":{"hasNextPage":false,"hasPreviousPage":' || CAST(COUNT(*) > 2 AS TEXT) || '}}' AS json
    FROM (
      SELECT
        page_2.id AS id,
        page_2.code AS code,
        page_2.city AS city,
        page_2.k0 AS k0,
        page_2.k1 AS k1,
        ROW_NUMBER() OVER () AS n
      FROM (
        SELECT
          customer_1.id AS id,
          customer_1.code AS code,
          customer_1.city AS city,
          customer_1.city AS k0,
          customer_1.code AS k1
        FROM hub.customer AS customer_1
        WHERE
          customer_1.company_id = CAST($1 AS UUID)
        ORDER BY
          customer_1.city ASC NULLS FIRST,
          customer_1.code DESC
        LIMIT 3
      ) AS page_2
    ) AS row_3
  ) || ',"salesOrders":' || (
    SELECT
      '{"nodes":' || '[' || COALESCE(
        STRING_AGG(
          '{"number":' || CAST(TO_JSON(row_6.number) AS TEXT) || '}', ','
          ORDER BY
            row_6.n
        ) FILTER(WHERE
          row_6.n <= 2),
        ''
      ) || ']' || ',"pageInfo":{"hasNextPage":' || CAST(COUNT(*) > 2 AS TEXT) || ',"hasPreviousPage":true,"endCursor":' || COALESCE(
        '"' || (
          (
            ARRAY_AGG(
              REPLACE(
                ENCODE(
                  CONVERT_TO(CAST(JSON_BUILD_ARRAY('467112cc', CAST(row_6.k0 AS TEXT)) AS TEXT), 'UTF8'),
                  'base64'
                ),
                '
',
                ''
              ) ORDER BY row_6.n DESC
            ) FILTER(WHERE
              row_6.n <= 2)
          )[1]
        ) || '"',
        'null'
      ) || '}}' AS json
    FROM (
      SELECT
        page_5.id AS id,
        page_5.number AS number,
        page_5.k0 AS k0,
        ROW_NUMBER() OVER () AS n
      FROM (
        SELECT
          sales_order_4.id AS id,
          sales_order_4.number AS number,
          sales_order_4.number AS k0
        FROM hub.sales_order AS sales_order_4
        WHERE
          sales_order_4.company_id = CAST($1 AS UUID)
          AND sales_order_4.number < CAST($2 AS VARCHAR)
        ORDER BY
          sales_order_4.number DESC
        LIMIT 3
      ) AS page_5
    ) AS row_6
  ) || '}' AS answer
