SELECT
  '{"customers":' || (
    SELECT
      '{"nodes":' || '[' || COALESCE(
        STRING_AGG(
          
            '{"code":' || CAST(TO_JSON(page_2.code) AS TEXT) || ',"name":' || CAST(TO_JSON(page_2.name) AS TEXT) || '}',
            ','
          
        ),
        ''
      ) || ']' || '}' AS json
    FROM (
      SELECT
        customer_1.id AS id,
        customer_1.code AS code,
        customer_1.name AS name
      FROM hub.customer AS customer_1
      WHERE
        customer_1.company_id = CAST($1 AS UUID)
        AND (
          (
            hub.terms(customer_1.name) @> hub.query_terms(CAST($2 AS VARCHAR))
          )
          AND customer_1.name ILIKE CAST($3 AS VARCHAR) ESCAPE '\'
          OR (
            hub.terms(customer_1.name_pinyin) @> hub.query_terms(CAST($2 AS VARCHAR))
          )
          AND (
            customer_1.name_pinyin ILIKE CAST($4 AS VARCHAR) ESCAPE '\'
            OR customer_1.name_pinyin ILIKE CAST($5 AS VARCHAR) ESCAPE '\'
          )
          OR (
            hub.terms(customer_1.code) @> hub.query_terms(CAST($6 AS VARCHAR))
          )
          AND customer_1.code ILIKE CAST($7 AS VARCHAR) ESCAPE '\'
        )
      ORDER BY
        customer_1.name_pinyin ASC,
        customer_1.id ASC
      LIMIT 50
    ) AS page_2
  ) || ',"salesOrderLines":' || (
    SELECT
      '{"nodes":' || '[' || COALESCE(
        STRING_AGG(
          
            '{"openQuantity":' || COALESCE(
              '"' || CAST(CAST(GREATEST(
                row_15.quantity - (
                  SELECT
                    COALESCE(SUM(delivery_line_16.quantity), CAST($8 AS INT)) AS coalesce_1
                  FROM hub.delivery_line AS delivery_line_16
                  JOIN hub.delivery AS delivery_17
                    ON delivery_17.id = delivery_line_16.delivery_id
                  WHERE
                    delivery_line_16.order_line_id = row_15.id
                    AND delivery_17.state IN ($23, $24)
                ),
                CAST($9 AS INT)
              ) AS DECIMAL(38, 4)) AS TEXT) || '"',
              'null'
            ) || ',"salesOrder":' || COALESCE(sales_order_22.json, 'null') || '}',
            ','
          
          ORDER BY
            row_15.n
        ),
        ''
      ) || ']' || '}' AS json
    FROM (
      SELECT
        page_14.id AS id,
        page_14.version AS version,
        page_14.position AS position,
        page_14.description AS description,
        page_14.quantity AS quantity,
        page_14.unit_price AS unit_price,
        page_14.discount AS discount,
        page_14.tax_rate AS tax_rate,
        page_14.amount AS amount,
        page_14.promised_date AS promised_date,
        page_14.sales_order_id AS sales_order_id,
        page_14.item_id AS item_id,
        page_14.unit_id AS unit_id,
        page_14.created_at AS created_at,
        page_14.created_by AS created_by,
        page_14.updated_at AS updated_at,
        page_14.updated_by AS updated_by,
        ROW_NUMBER() OVER () AS n
      FROM (
        SELECT
          sales_order_line_3.id AS id,
          sales_order_line_3.version AS version,
          sales_order_line_3.position AS position,
          sales_order_line_3.description AS description,
          sales_order_line_3.quantity AS quantity,
          sales_order_line_3.unit_price AS unit_price,
          sales_order_line_3.discount AS discount,
          sales_order_line_3.tax_rate AS tax_rate,
          sales_order_line_3.amount AS amount,
          sales_order_line_3.promised_date AS promised_date,
          sales_order_line_3.sales_order_id AS sales_order_id,
          sales_order_line_3.item_id AS item_id,
          sales_order_line_3.unit_id AS unit_id,
          sales_order_line_3.created_at AS created_at,
          sales_order_line_3.created_by AS created_by,
          sales_order_line_3.updated_at AS updated_at,
          sales_order_line_3.updated_by AS updated_by
        FROM hub.sales_order_line AS sales_order_line_3
        WHERE
          (
            EXISTS(
              SELECT
                *
              FROM hub.sales_order AS sales_order_4
              WHERE
                sales_order_4.id = sales_order_line_3.sales_order_id
                AND sales_order_4.company_id = CAST($1 AS UUID)
            )
          )
          AND (
            EXISTS(
              SELECT
                *
              FROM hub.sales_order AS sales_order_5
              WHERE
                sales_order_5.id = sales_order_line_3.sales_order_id
                AND sales_order_5.company_id = CAST($1 AS UUID)
                AND (
                  sales_order_5.customer_id IN (
                    SELECT
                      customer_6.id
                    FROM hub.customer AS customer_6
                    WHERE
                      customer_6.company_id = CAST($1 AS UUID)
                      AND (
                        (
                          hub.terms(customer_6.name) @> hub.query_terms(CAST($10 AS VARCHAR))
                        )
                        AND customer_6.name ILIKE CAST($11 AS VARCHAR) ESCAPE '\'
                        OR (
                          hub.terms(customer_6.name_pinyin) @> hub.query_terms(CAST($10 AS VARCHAR))
                        )
                        AND customer_6.name_pinyin ILIKE CAST($12 AS VARCHAR) ESCAPE '\'
                      )
                  )
                ) IS TRUE
                AND CAST((
                  SELECT
                    COALESCE(SUM(sales_order_line_7.amount), CAST($13 AS INT)) AS coalesce_3
                  FROM hub.sales_order_line AS sales_order_line_7
                  WHERE
                    sales_order_line_7.sales_order_id = sales_order_5.id
                ) AS DECIMAL(38, 4)) >= CAST($14 AS DECIMAL)
            )
          )
          AND CAST((
            SELECT
              COALESCE(SUM(delivery_line_8.quantity), CAST($15 AS INT)) AS coalesce_5
            FROM hub.delivery_line AS delivery_line_8
            JOIN hub.delivery AS delivery_9
              ON delivery_9.id = delivery_line_8.delivery_id
            WHERE
              delivery_line_8.order_line_id = sales_order_line_3.id
              AND delivery_9.state IN ($25, $26)
          ) AS DECIMAL(38, 4)) < CAST($16 AS DECIMAL)
          AND CAST(GREATEST(
            sales_order_line_3.quantity - (
              SELECT
                COALESCE(SUM(delivery_line_10.quantity), CAST($17 AS INT)) AS coalesce_7
              FROM hub.delivery_line AS delivery_line_10
              JOIN hub.delivery AS delivery_11
                ON delivery_11.id = delivery_line_10.delivery_id
              WHERE
                delivery_line_10.order_line_id = sales_order_line_3.id
                AND delivery_11.state IN ($27, $28)
            ),
            CAST($18 AS INT)
          ) AS DECIMAL(38, 4)) > CAST($19 AS DECIMAL)
        ORDER BY
          CAST(GREATEST(
            sales_order_line_3.quantity - (
              SELECT
                COALESCE(SUM(delivery_line_12.quantity), CAST($20 AS INT)) AS coalesce_9
              FROM hub.delivery_line AS delivery_line_12
              JOIN hub.delivery AS delivery_13
                ON delivery_13.id = delivery_line_12.delivery_id
              WHERE
                delivery_line_12.order_line_id = sales_order_line_3.id
                AND delivery_13.state IN ($29, $30)
            ),
            CAST($21 AS INT)
          ) AS DECIMAL(38, 4)) DESC NULLS LAST,
          sales_order_line_3.id DESC
        LIMIT 2
      ) AS page_14
    ) AS row_15
    LEFT OUTER JOIN LATERAL (
      SELECT
        '{"number":' || CAST(TO_JSON(sales_order_18.number) AS TEXT) || ',"total":' || COALESCE(
          '"' || CAST(CAST((
            SELECT
              COALESCE(SUM(sales_order_line_19.amount), CAST($22 AS INT)) AS coalesce_11
            FROM hub.sales_order_line AS sales_order_line_19
            WHERE
              sales_order_line_19.sales_order_id = sales_order_18.id
          ) AS DECIMAL(38, 4)) AS TEXT) || '"',
          'null'
        ) || ',"customer":' || COALESCE(customer_21.json, 'null') || '}' AS json
      FROM hub.sales_order AS sales_order_18
      LEFT OUTER JOIN LATERAL (
        SELECT
          '{"name":' || CAST(TO_JSON(customer_20.name) AS TEXT) || '}' AS json
        FROM hub.customer AS customer_20
        WHERE
          customer_20.id = sales_order_18.customer_id
          AND customer_20.company_id = CAST($1 AS UUID)
      ) AS customer_21
        ON TRUE
      WHERE
        sales_order_18.id = row_15.sales_order_id
        AND sales_order_18.company_id = CAST($1 AS UUID)
    ) AS sales_order_22
      ON TRUE
  ) || '}' AS answer
