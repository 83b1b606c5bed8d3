SELECT
  '{"item":' || COALESCE(
    (
      SELECT
        '{"name":' || CAST(TO_JSON(item_1.name) AS TEXT) || ',"onHand":' || COALESCE(
          '"' || CAST(CAST((
            SELECT
              COALESCE(SUM(stock_entry_2.quantity), CAST($1 AS INT)) AS coalesce_1
            FROM hub.stock_entry AS stock_entry_2
            WHERE
              stock_entry_2.item_id = item_1.id
          ) AS DECIMAL(38, 4)) AS TEXT) || '"',
          'null'
        ) || ',"salesOrderLines":' || sales_order_lines_13.json || ',"productionOrders":' || production_orders_17.json || ',"supplier":' || COALESCE(supplier_21.json, 'null') || '}' AS json
      FROM hub.item AS item_1
      LEFT OUTER JOIN LATERAL (
        SELECT
          '{"totalCount":' || CAST((
            SELECT
              COUNT(*) AS count_1
            FROM hub.sales_order_line AS sales_order_line_7
            WHERE
              sales_order_line_7.item_id = item_1.id
              AND (
                EXISTS(
                  SELECT
                    *
                  FROM hub.sales_order AS sales_order_8
                  WHERE
                    sales_order_8.id = sales_order_line_7.sales_order_id
                    AND sales_order_8.company_id = CAST($2 AS UUID)
                )
              )
              AND sales_order_line_7.quantity >= CAST($3 AS DECIMAL)
          ) AS TEXT) || ',"nodes":' || '[' || COALESCE(
            STRING_AGG(
              
                '{"quantity":"' || CAST(row_6.quantity AS TEXT) || '","salesOrder":' || COALESCE(sales_order_12.json, 'null') || '}',
                ','
              
              ORDER BY
                row_6.n
            ),
            ''
          ) || ']' || '}' AS json
        FROM LATERAL (
          SELECT
            page_5.id AS id,
            page_5.quantity AS quantity,
            page_5.sales_order_id AS sales_order_id,
            ROW_NUMBER() OVER () AS n
          FROM LATERAL (
            SELECT
              sales_order_line_3.id AS id,
              sales_order_line_3.quantity AS quantity,
              sales_order_line_3.sales_order_id AS sales_order_id
            FROM hub.sales_order_line AS sales_order_line_3
            WHERE
              sales_order_line_3.item_id = item_1.id
              AND (
                EXISTS(
                  SELECT
                    *
                  FROM hub.sales_order AS sales_order_4
                  WHERE
                    sales_order_4.id = sales_order_line_3.sales_order_id
                    AND sales_order_4.company_id = CAST($2 AS UUID)
                )
              )
              AND sales_order_line_3.quantity >= CAST($4 AS DECIMAL)
            ORDER BY
              sales_order_line_3.quantity DESC,
              sales_order_line_3.id DESC
            LIMIT 2
          ) AS page_5
        ) AS row_6
        LEFT OUTER JOIN LATERAL (
          SELECT
            '{"number":' || CAST(TO_JSON(sales_order_9.number) AS TEXT) || ',"customer":' || COALESCE(customer_11.json, 'null') || '}' AS json
          FROM hub.sales_order AS sales_order_9
          LEFT OUTER JOIN LATERAL (
            SELECT
              '{"code":' || CAST(TO_JSON(customer_10.code) AS TEXT) || '}' AS json
            FROM hub.customer AS customer_10
            WHERE
              customer_10.id = sales_order_9.customer_id
              AND customer_10.company_id = CAST($2 AS UUID)
          ) AS customer_11
            ON TRUE
          WHERE
            sales_order_9.id = row_6.sales_order_id
            AND sales_order_9.company_id = CAST($2 AS UUID)
        ) AS sales_order_12
          ON TRUE
      ) AS sales_order_lines_13
        ON TRUE
      LEFT OUTER JOIN LATERAL (
        SELECT
          '{"totalCount":' || CAST((
            SELECT
              COUNT(*) AS count_2
            FROM hub.production_order AS production_order_16
            WHERE
              production_order_16.item_id = item_1.id
              AND production_order_16.company_id = CAST($2 AS UUID)
          ) AS TEXT) || ',"nodes":' || '[' || COALESCE(STRING_AGG('{"number":' || CAST(TO_JSON(page_15.number) AS TEXT) || '}', ','), '') || ']' || '}' AS json
        FROM LATERAL (
          SELECT
            production_order_14.id AS id,
            production_order_14.number AS number
          FROM hub.production_order AS production_order_14
          WHERE
            production_order_14.item_id = item_1.id
            AND production_order_14.company_id = CAST($2 AS UUID)
          ORDER BY
            production_order_14.number DESC
          LIMIT 50
        ) AS page_15
      ) AS production_orders_17
        ON TRUE
      LEFT OUTER JOIN LATERAL (
        SELECT
          '{"name":' || CAST(TO_JSON(supplier_18.name) AS TEXT) || ',"items":' || items_20.json || '}' AS json
        FROM hub.supplier AS supplier_18
        LEFT OUTER JOIN LATERAL (
          SELECT
            '{"totalCount":' || CAST((
              SELECT
                COUNT(*) AS count_3
              FROM hub.item AS item_19
              WHERE
                item_19.supplier_id = supplier_18.id
                AND item_19.company_id = CAST($2 AS UUID)
            ) AS TEXT) || '}' AS json
        ) AS items_20
          ON TRUE
        WHERE
          supplier_18.id = item_1.supplier_id
          AND supplier_18.company_id = CAST($2 AS UUID)
      ) AS supplier_21
        ON TRUE
      WHERE
        item_1.code = CAST($5 AS VARCHAR)
        AND item_1.company_id = CAST($2 AS UUID)
    ),
    'null'
  ) || '}' AS answer
