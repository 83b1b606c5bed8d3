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
                row_27.quantity - (
                  (
                    SELECT
                      COALESCE(SUM(delivery_line_28.quantity), CAST($8 AS INT)) AS coalesce_1
                    FROM hub.delivery_line AS delivery_line_28
                    JOIN hub.delivery AS delivery_29
                      ON delivery_29.id = delivery_line_28.delivery_id
                    WHERE
                      delivery_line_28.order_line_id = row_27.id
                      AND delivery_29.state IN ($31, $32)
                  ) - (
                    SELECT
                      COALESCE(
                        SUM(
                          (
                            SELECT
                              COALESCE(SUM(sales_return_line_32.quantity), CAST($9 AS INT)) AS coalesce_4
                            FROM hub.sales_return_line AS sales_return_line_32
                            JOIN hub.sales_return AS sales_return_33
                              ON sales_return_33.id = sales_return_line_32.sales_return_id
                            WHERE
                              sales_return_line_32.delivery_line_id = delivery_line_30.id
                              AND sales_return_33.state IN ($33)
                              AND NOT sales_return_line_32.credited
                          )
                        ),
                        CAST($10 AS INT)
                      ) AS coalesce_3
                    FROM hub.delivery_line AS delivery_line_30
                    JOIN hub.delivery AS delivery_31
                      ON delivery_31.id = delivery_line_30.delivery_id
                    WHERE
                      delivery_line_30.order_line_id = row_27.id
                      AND delivery_31.state IN ($34, $35)
                  )
                ),
                CAST($11 AS INT)
              ) AS DECIMAL(38, 4)) AS TEXT) || '"',
              'null'
            ) || ',"salesOrder":' || COALESCE(sales_order_38.json, 'null') || '}',
            ','
          
          ORDER BY
            row_27.n
        ),
        ''
      ) || ']' || '}' AS json
    FROM (
      SELECT
        page_26.id AS id,
        page_26.version AS version,
        page_26.position AS position,
        page_26.description AS description,
        page_26.quantity AS quantity,
        page_26.unit_price AS unit_price,
        page_26.discount AS discount,
        page_26.tax_rate AS tax_rate,
        page_26.amount AS amount,
        page_26.promised_date AS promised_date,
        page_26.sales_order_id AS sales_order_id,
        page_26.item_id AS item_id,
        page_26.unit_id AS unit_id,
        page_26.created_at AS created_at,
        page_26.created_by AS created_by,
        page_26.updated_at AS updated_at,
        page_26.updated_by AS updated_by,
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
                          hub.terms(customer_6.name) @> hub.query_terms(CAST($12 AS VARCHAR))
                        )
                        AND customer_6.name ILIKE CAST($13 AS VARCHAR) ESCAPE '\'
                        OR (
                          hub.terms(customer_6.name_pinyin) @> hub.query_terms(CAST($12 AS VARCHAR))
                        )
                        AND customer_6.name_pinyin ILIKE CAST($14 AS VARCHAR) ESCAPE '\'
                      )
                  )
                ) IS TRUE
                AND CAST((
                  SELECT
                    COALESCE(SUM(sales_order_line_7.amount), CAST($15 AS INT)) AS coalesce_7
                  FROM hub.sales_order_line AS sales_order_line_7
                  WHERE
                    sales_order_line_7.sales_order_id = sales_order_5.id
                ) AS DECIMAL(38, 4)) >= CAST($16 AS DECIMAL)
            )
          )
          AND CAST((
            SELECT
              COALESCE(SUM(delivery_line_8.quantity), CAST($17 AS INT)) AS coalesce_9
            FROM hub.delivery_line AS delivery_line_8
            JOIN hub.delivery AS delivery_9
              ON delivery_9.id = delivery_line_8.delivery_id
            WHERE
              delivery_line_8.order_line_id = sales_order_line_3.id
              AND delivery_9.state IN ($36, $37)
          ) - (
            SELECT
              COALESCE(
                SUM(
                  (
                    SELECT
                      COALESCE(SUM(sales_return_line_12.quantity), CAST($18 AS INT)) AS coalesce_12
                    FROM hub.sales_return_line AS sales_return_line_12
                    JOIN hub.sales_return AS sales_return_13
                      ON sales_return_13.id = sales_return_line_12.sales_return_id
                    WHERE
                      sales_return_line_12.delivery_line_id = delivery_line_10.id
                      AND sales_return_13.state IN ($38)
                      AND NOT sales_return_line_12.credited
                  )
                ),
                CAST($19 AS INT)
              ) AS coalesce_11
            FROM hub.delivery_line AS delivery_line_10
            JOIN hub.delivery AS delivery_11
              ON delivery_11.id = delivery_line_10.delivery_id
            WHERE
              delivery_line_10.order_line_id = sales_order_line_3.id
              AND delivery_11.state IN ($39, $40)
          ) AS DECIMAL(38, 4)) < CAST($20 AS DECIMAL)
          AND CAST(GREATEST(
            sales_order_line_3.quantity - (
              (
                SELECT
                  COALESCE(SUM(delivery_line_14.quantity), CAST($21 AS INT)) AS coalesce_15
                FROM hub.delivery_line AS delivery_line_14
                JOIN hub.delivery AS delivery_15
                  ON delivery_15.id = delivery_line_14.delivery_id
                WHERE
                  delivery_line_14.order_line_id = sales_order_line_3.id
                  AND delivery_15.state IN ($41, $42)
              ) - (
                SELECT
                  COALESCE(
                    SUM(
                      (
                        SELECT
                          COALESCE(SUM(sales_return_line_18.quantity), CAST($22 AS INT)) AS coalesce_18
                        FROM hub.sales_return_line AS sales_return_line_18
                        JOIN hub.sales_return AS sales_return_19
                          ON sales_return_19.id = sales_return_line_18.sales_return_id
                        WHERE
                          sales_return_line_18.delivery_line_id = delivery_line_16.id
                          AND sales_return_19.state IN ($43)
                          AND NOT sales_return_line_18.credited
                      )
                    ),
                    CAST($23 AS INT)
                  ) AS coalesce_17
                FROM hub.delivery_line AS delivery_line_16
                JOIN hub.delivery AS delivery_17
                  ON delivery_17.id = delivery_line_16.delivery_id
                WHERE
                  delivery_line_16.order_line_id = sales_order_line_3.id
                  AND delivery_17.state IN ($44, $45)
              )
            ),
            CAST($24 AS INT)
          ) AS DECIMAL(38, 4)) > CAST($25 AS DECIMAL)
        ORDER BY
          CAST(GREATEST(
            sales_order_line_3.quantity - (
              (
                SELECT
                  COALESCE(SUM(delivery_line_20.quantity), CAST($26 AS INT)) AS coalesce_21
                FROM hub.delivery_line AS delivery_line_20
                JOIN hub.delivery AS delivery_21
                  ON delivery_21.id = delivery_line_20.delivery_id
                WHERE
                  delivery_line_20.order_line_id = sales_order_line_3.id
                  AND delivery_21.state IN ($46, $47)
              ) - (
                SELECT
                  COALESCE(
                    SUM(
                      (
                        SELECT
                          COALESCE(SUM(sales_return_line_24.quantity), CAST($27 AS INT)) AS coalesce_24
                        FROM hub.sales_return_line AS sales_return_line_24
                        JOIN hub.sales_return AS sales_return_25
                          ON sales_return_25.id = sales_return_line_24.sales_return_id
                        WHERE
                          sales_return_line_24.delivery_line_id = delivery_line_22.id
                          AND sales_return_25.state IN ($48)
                          AND NOT sales_return_line_24.credited
                      )
                    ),
                    CAST($28 AS INT)
                  ) AS coalesce_23
                FROM hub.delivery_line AS delivery_line_22
                JOIN hub.delivery AS delivery_23
                  ON delivery_23.id = delivery_line_22.delivery_id
                WHERE
                  delivery_line_22.order_line_id = sales_order_line_3.id
                  AND delivery_23.state IN ($49, $50)
              )
            ),
            CAST($29 AS INT)
          ) AS DECIMAL(38, 4)) DESC NULLS LAST,
          sales_order_line_3.id DESC
        LIMIT 2
      ) AS page_26
    ) AS row_27
    LEFT OUTER JOIN LATERAL (
      SELECT
        '{"number":' || CAST(TO_JSON(sales_order_34.number) AS TEXT) || ',"total":' || COALESCE(
          '"' || CAST(CAST((
            SELECT
              COALESCE(SUM(sales_order_line_35.amount), CAST($30 AS INT)) AS coalesce_27
            FROM hub.sales_order_line AS sales_order_line_35
            WHERE
              sales_order_line_35.sales_order_id = sales_order_34.id
          ) AS DECIMAL(38, 4)) AS TEXT) || '"',
          'null'
        ) || ',"customer":' || COALESCE(customer_37.json, 'null') || '}' AS json
      FROM hub.sales_order AS sales_order_34
      LEFT OUTER JOIN LATERAL (
        SELECT
          '{"name":' || CAST(TO_JSON(customer_36.name) AS TEXT) || '}' AS json
        FROM hub.customer AS customer_36
        WHERE
          customer_36.id = sales_order_34.customer_id
          AND customer_36.company_id = CAST($1 AS UUID)
      ) AS customer_37
        ON TRUE
      WHERE
        sales_order_34.id = row_27.sales_order_id
        AND sales_order_34.company_id = CAST($1 AS UUID)
    ) AS sales_order_38
      ON TRUE
  ) || '}' AS answer
