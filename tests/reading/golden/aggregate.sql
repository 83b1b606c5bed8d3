SELECT
  '{"salesOrders":' || (
    SELECT
      '{"totalCount":' || CAST((
        SELECT
          COUNT(*) AS count_1
        FROM hub.sales_order AS sales_order_3
        WHERE
          sales_order_3.company_id = CAST($1 AS UUID)
          AND sales_order_3.state = CAST($2 AS VARCHAR)
      ) AS TEXT) || ',"nodes":' || '[' || COALESCE(STRING_AGG('{"number":' || CAST(TO_JSON(page_2.number) AS TEXT) || '}', ','), '') || ']' || ',"aggregate":' || (
        SELECT
          '{"count":' || CAST(COUNT(*) AS TEXT) || ',"sum":{"freight":"' || CAST(CAST(COALESCE(SUM(sales_order_4.freight), 0) AS DECIMAL(38, 4)) AS TEXT) || '"},"min":{"orderDate":' || COALESCE(CAST(TO_JSON(MIN(sales_order_4.order_date)) AS TEXT), 'null') || ',"number":' || COALESCE(CAST(TO_JSON(MIN(sales_order_4.number)) AS TEXT), 'null') || '},"max":{"orderDate":' || COALESCE(CAST(TO_JSON(MAX(sales_order_4.order_date)) AS TEXT), 'null') || '},"distinct":{"customer":' || CAST(COUNT(DISTINCT customer_5.id) AS TEXT) || ',"note":' || CAST(COUNT(DISTINCT sales_order_4.note) AS TEXT) || '}}' AS json
        FROM hub.sales_order AS sales_order_4
        LEFT OUTER JOIN hub.customer AS customer_5
          ON customer_5.id = sales_order_4.customer_id
          AND customer_5.company_id = CAST($1 AS UUID)
        WHERE
          sales_order_4.company_id = CAST($1 AS UUID)
          AND sales_order_4.state = CAST($3 AS VARCHAR)
      ) || '}' AS json
    FROM (
      SELECT
        sales_order_1.id AS id,
        sales_order_1.number AS number
      FROM hub.sales_order AS sales_order_1
      WHERE
        sales_order_1.company_id = CAST($1 AS UUID)
        AND sales_order_1.state = CAST($4 AS VARCHAR)
      ORDER BY
        sales_order_1.number DESC
      LIMIT 1
    ) AS page_2
  ) || ',"salesOrderLines":' || (
    SELECT
      '{"aggregate":' || (
        SELECT
          '{"sum":{"quantity":"' || CAST(CAST(COALESCE(SUM(sales_order_line_6.quantity), 0) AS DECIMAL(38, 4)) AS TEXT) || '","position":"' || CAST(CAST(COALESCE(SUM(sales_order_line_6.position), 0) AS DECIMAL(38, 0)) AS TEXT) || '"},"avg":{"quantity":' || COALESCE(
            '"' || CAST(CAST(AVG(sales_order_line_6.quantity) AS DECIMAL(38, 6)) AS TEXT) || '"',
            'null'
          ) || ',"position":' || COALESCE(
            '"' || CAST(CAST(AVG(sales_order_line_6.position) AS DECIMAL(38, 2)) AS TEXT) || '"',
            'null'
          ) || '},"stddev":{"quantity":' || COALESCE(
            '"' || CAST(CAST(STDDEV_SAMP(sales_order_line_6.quantity) AS DECIMAL(38, 6)) AS TEXT) || '"',
            'null'
          ) || '},"__typename":"SalesOrderLineAggregate"}' AS json
        FROM hub.sales_order_line AS sales_order_line_6
        WHERE
          EXISTS(
            SELECT
              *
            FROM hub.sales_order AS sales_order_7
            WHERE
              sales_order_7.id = sales_order_line_6.sales_order_id
              AND sales_order_7.company_id = CAST($1 AS UUID)
          )
      ) || '}' AS json
  ) || '}' AS answer
