SELECT
  '{"salesOrders":' || (
    SELECT
      '{"nodes":' || '[' || COALESCE(
        STRING_AGG(
          
            '{"number":' || CAST(TO_JSON(row_3.number) AS TEXT) || ',"customer":' || COALESCE(customer_9.json, 'null') || ',"lines":' || lines_15.json || '}',
            ','
          
          ORDER BY
            row_3.n
        ),
        ''
      ) || ']' || '}' AS json
    FROM (
      SELECT
        page_2.id AS id,
        page_2.number AS number,
        page_2.customer_id AS customer_id,
        ROW_NUMBER() OVER () AS n
      FROM (
        SELECT
          sales_order_1.id AS id,
          sales_order_1.number AS number,
          sales_order_1.customer_id AS customer_id
        FROM hub.sales_order AS sales_order_1
        WHERE
          sales_order_1.company_id = CAST($1 AS UUID)
        ORDER BY
          sales_order_1.number ASC
        LIMIT 2
      ) AS page_2
    ) AS row_3
    LEFT OUTER JOIN LATERAL (
      SELECT
        '{"name":' || CAST(TO_JSON(customer_4.name) AS TEXT) || ',"salesRep":' || COALESCE(sales_rep_8.json, 'null') || '}' AS json
      FROM hub.customer AS customer_4
      LEFT OUTER JOIN LATERAL (
        SELECT
          '{"name":' || CAST(TO_JSON(employee_5.name) AS TEXT) || ',"department":' || COALESCE(department_7.json, 'null') || '}' AS json
        FROM hub.employee AS employee_5
        LEFT OUTER JOIN LATERAL (
          SELECT
            '{"name":' || CAST(TO_JSON(department_6.name) AS TEXT) || '}' AS json
          FROM hub.department AS department_6
          WHERE
            department_6.id = employee_5.department_id
            AND department_6.company_id = CAST($1 AS UUID)
        ) AS department_7
          ON TRUE
        WHERE
          employee_5.id = customer_4.sales_rep_id
          AND employee_5.company_id = CAST($1 AS UUID)
      ) AS sales_rep_8
        ON TRUE
      WHERE
        customer_4.id = row_3.customer_id
        AND customer_4.company_id = CAST($1 AS UUID)
    ) AS customer_9
      ON TRUE
    LEFT OUTER JOIN LATERAL (
      SELECT
        '[' || COALESCE(
          STRING_AGG(
            
              '{"position":' || CAST(sales_order_line_10.position AS TEXT) || ',"quantity":"' || CAST(sales_order_line_10.quantity AS TEXT) || '","amount":"' || CAST(sales_order_line_10.amount AS TEXT) || '","item":' || COALESCE(item_14.json, 'null') || '}',
              ','
            
            ORDER BY
              sales_order_line_10.position ASC
          ),
          ''
        ) || ']' AS json
      FROM hub.sales_order_line AS sales_order_line_10
      LEFT OUTER JOIN LATERAL (
        SELECT
          '{"name":' || CAST(TO_JSON(item_11.name) AS TEXT) || ',"unit":' || COALESCE(unit_13.json, 'null') || '}' AS json
        FROM hub.item AS item_11
        LEFT OUTER JOIN LATERAL (
          SELECT
            '{"name":' || CAST(TO_JSON(unit_of_measure_12.name) AS TEXT) || '}' AS json
          FROM hub.unit_of_measure AS unit_of_measure_12
          WHERE
            unit_of_measure_12.id = item_11.unit_id
            AND unit_of_measure_12.company_id = CAST($1 AS UUID)
        ) AS unit_13
          ON TRUE
        WHERE
          item_11.id = sales_order_line_10.item_id
          AND item_11.company_id = CAST($1 AS UUID)
      ) AS item_14
        ON TRUE
      WHERE
        sales_order_line_10.sales_order_id = row_3.id
    ) AS lines_15
      ON TRUE
  ) || '}' AS answer
