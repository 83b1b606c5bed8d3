SELECT
  COALESCE(
    (
      SELECT
        '{"__typename":"SalesOrder","number":' || CAST(TO_JSON(sales_order_1.number) AS TEXT) || ',"customer":' || COALESCE(customer_3.json, 'null') || ',"lines":' || lines_6.json || '}' AS json
      FROM hub.sales_order AS sales_order_1
      LEFT OUTER JOIN LATERAL (
        SELECT
          '{"__typename":"Customer","code":' || CAST(TO_JSON(customer_2.code) AS TEXT) || ',"name":' || CAST(TO_JSON(customer_2.name) AS TEXT) || '}' AS json
        FROM hub.customer AS customer_2
        WHERE
          customer_2.id = sales_order_1.customer_id
          AND customer_2.company_id = CAST($1 AS UUID)
      ) AS customer_3
        ON TRUE
      LEFT OUTER JOIN LATERAL (
        SELECT
          '[' || COALESCE(STRING_AGG('{"quantity":"' || CAST(page_5.quantity AS TEXT) || '"}', ','), '') || ']' AS json
        FROM LATERAL (
          SELECT
            sales_order_line_4.id AS id,
            sales_order_line_4.quantity AS quantity
          FROM hub.sales_order_line AS sales_order_line_4
          WHERE
            sales_order_line_4.sales_order_id = sales_order_1.id
          ORDER BY
            sales_order_line_4.quantity DESC,
            sales_order_line_4.id DESC
          LIMIT 1
        ) AS page_5
      ) AS lines_6
        ON TRUE
      WHERE
        sales_order_1.number = CAST($2 AS VARCHAR)
        AND sales_order_1.company_id = CAST($1 AS UUID)
    ),
    'null'
  ) AS answer_0,
  COALESCE(
    (
      SELECT
        '{"__typename":"SalesOrder","number":' || CAST(TO_JSON(sales_order_7.number) AS TEXT) || ',"customer":' || COALESCE(customer_9.json, 'null') || ',"lines":' || lines_12.json || '}' AS json
      FROM hub.sales_order AS sales_order_7
      LEFT OUTER JOIN LATERAL (
        SELECT
          '{"__typename":"Customer","code":' || CAST(TO_JSON(customer_8.code) AS TEXT) || ',"name":' || CAST(TO_JSON(customer_8.name) AS TEXT) || '}' AS json
        FROM hub.customer AS customer_8
        WHERE
          customer_8.id = sales_order_7.customer_id
          AND customer_8.company_id = CAST($1 AS UUID)
      ) AS customer_9
        ON TRUE
      LEFT OUTER JOIN LATERAL (
        SELECT
          '[' || COALESCE(STRING_AGG('{"quantity":"' || CAST(page_11.quantity AS TEXT) || '"}', ','), '') || ']' AS json
        FROM LATERAL (
          SELECT
            sales_order_line_10.id AS id,
            sales_order_line_10.quantity AS quantity
          FROM hub.sales_order_line AS sales_order_line_10
          WHERE
            sales_order_line_10.sales_order_id = sales_order_7.id
          ORDER BY
            sales_order_line_10.quantity DESC,
            sales_order_line_10.id DESC
          LIMIT 1
        ) AS page_11
      ) AS lines_12
        ON TRUE
      WHERE
        sales_order_7.number = CAST($3 AS VARCHAR)
        AND sales_order_7.company_id = CAST($1 AS UUID)
    ),
    'null'
  ) AS answer_1,
  (
    SELECT
      '{"__typename":"UnitOfMeasureConnection","nodes":' || '[' || COALESCE(
        STRING_AGG(
          
            '{"__typename":"UnitOfMeasure","name":' || CAST(TO_JSON(page_14.name) AS TEXT) || '}',
            ','
          
        ),
        ''
      ) || ']' || '}' AS json
    FROM (
      SELECT
        unit_of_measure_13.id AS id,
        unit_of_measure_13.name AS name
      FROM hub.unit_of_measure AS unit_of_measure_13
      WHERE
        unit_of_measure_13.company_id = CAST($1 AS UUID)
      ORDER BY
        unit_of_measure_13.name_pinyin ASC,
        unit_of_measure_13.id ASC
      LIMIT 50
    ) AS page_14
  ) AS answer_2
