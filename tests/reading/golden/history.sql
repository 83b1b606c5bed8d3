SELECT
  '{"salesOrder":' || COALESCE(
    (
      SELECT
        '{"number":' || CAST(TO_JSON(sales_order_1.number) AS TEXT) || ',"history":' || history_25.json || '}' AS json
      FROM hub.sales_order AS sales_order_1
      LEFT OUTER JOIN LATERAL (
        SELECT
          '[' || COALESCE(
            STRING_AGG(
              
                '{"version":' || CAST(revision_3.version AS TEXT) || ',"byCode":' || COALESCE(
                  CAST(TO_JSON(
                    CASE
                      WHEN (
                        EXISTS(
                          SELECT
                            *
                          FROM hub."user" AS user_8
                          WHERE
                            user_8.id = revision_3.updated_by
                        )
                      )
                      THEN (
                        SELECT
                          user_9.code
                        FROM hub."user" AS user_9
                        WHERE
                          user_9.id = revision_3.updated_by
                          AND user_9.company_id = CAST($1 AS UUID)
                      )
                      ELSE audited_7.actor
                    END
                  ) AS TEXT),
                  'null'
                ) || ',"byName":' || COALESCE(
                  CAST(TO_JSON(
                    COALESCE(
                      (
                        SELECT
                          user_10.name
                        FROM hub."user" AS user_10
                        WHERE
                          user_10.id = revision_3.updated_by
                      ),
                      audited_7.actor,
                      CAST($2 AS VARCHAR)
                    )
                  ) AS TEXT),
                  'null'
                ) || ',"verbs":[' || COALESCE(audited_7.verbs, '') || '],"label":' || COALESCE(CAST(TO_JSON(COALESCE(audited_7.label, '')) AS TEXT), 'null') || ',"channel":' || COALESCE(CAST(TO_JSON(audited_7.channel) AS TEXT), 'null') || ',"changes":' || CASE
                  WHEN (
                    before_5.id IS NULL
                  )
                  THEN '[]'
                  ELSE '[' || SUBSTRING(CASE
                    WHEN (
                      before_5.number IS DISTINCT FROM revision_3.number
                    )
                    THEN ',{"kind":"CHANGED","field":"number","label":' || CAST($3 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.number) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.number) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.state IS DISTINCT FROM revision_3.state
                    )
                    THEN ',{"kind":"CHANGED","field":"state","label":' || CAST($4 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE('"' || UPPER(before_5.state) || '"', 'null') || ',"after":' || COALESCE('"' || UPPER(revision_3.state) || '"', 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.customer_order_number IS DISTINCT FROM revision_3.customer_order_number
                    )
                    THEN ',{"kind":"CHANGED","field":"customerOrderNumber","label":' || CAST($5 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.customer_order_number) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.customer_order_number) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.order_date IS DISTINCT FROM revision_3.order_date
                    )
                    THEN ',{"kind":"CHANGED","field":"orderDate","label":' || CAST($6 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.order_date) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.order_date) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.promised_date IS DISTINCT FROM revision_3.promised_date
                    )
                    THEN ',{"kind":"CHANGED","field":"promisedDate","label":' || CAST($7 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.promised_date) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.promised_date) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.currency IS DISTINCT FROM revision_3.currency
                    )
                    THEN ',{"kind":"CHANGED","field":"currency","label":' || CAST($8 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.currency) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.currency) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.ship_to IS DISTINCT FROM revision_3.ship_to
                    )
                    THEN ',{"kind":"CHANGED","field":"shipTo","label":' || CAST($9 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.ship_to) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.ship_to) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.freight IS DISTINCT FROM revision_3.freight
                    )
                    THEN ',{"kind":"CHANGED","field":"freight","label":' || CAST($10 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE('"' || CAST(before_5.freight AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(revision_3.freight AS TEXT) || '"', 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.note IS DISTINCT FROM revision_3.note
                    )
                    THEN ',{"kind":"CHANGED","field":"note","label":' || CAST($11 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.note) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.note) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.customer_id IS DISTINCT FROM revision_3.customer_id
                    )
                    THEN ',{"kind":"CHANGED","field":"customer","label":' || CAST($12 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(customer_11.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(customer_11.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(customer_11.name) AS TEXT), 'null') || '}' AS joined_1
                        FROM hub.customer AS customer_11
                        WHERE
                          customer_11.id = before_5.customer_id
                          AND customer_11.company_id = CAST($1 AS UUID)
                      ),
                      'null'
                    ) || ',"after":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(customer_12.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(customer_12.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(customer_12.name) AS TEXT), 'null') || '}' AS joined_2
                        FROM hub.customer AS customer_12
                        WHERE
                          customer_12.id = revision_3.customer_id
                          AND customer_12.company_id = CAST($1 AS UUID)
                      ),
                      'null'
                    ) || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.sales_rep_id IS DISTINCT FROM revision_3.sales_rep_id
                    )
                    THEN ',{"kind":"CHANGED","field":"salesRep","label":' || CAST($13 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(employee_13.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(employee_13.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(employee_13.name) AS TEXT), 'null') || '}' AS joined_3
                        FROM hub.employee AS employee_13
                        WHERE
                          employee_13.id = before_5.sales_rep_id
                          AND employee_13.company_id = CAST($1 AS UUID)
                      ),
                      'null'
                    ) || ',"after":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(employee_14.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(employee_14.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(employee_14.name) AS TEXT), 'null') || '}' AS joined_4
                        FROM hub.employee AS employee_14
                        WHERE
                          employee_14.id = revision_3.sales_rep_id
                          AND employee_14.company_id = CAST($1 AS UUID)
                      ),
                      'null'
                    ) || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.department_id IS DISTINCT FROM revision_3.department_id
                    )
                    THEN ',{"kind":"CHANGED","field":"department","label":' || CAST($14 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(department_15.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(department_15.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(department_15.name) AS TEXT), 'null') || '}' AS joined_5
                        FROM hub.department AS department_15
                        WHERE
                          department_15.id = before_5.department_id
                          AND department_15.company_id = CAST($1 AS UUID)
                      ),
                      'null'
                    ) || ',"after":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(department_16.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(department_16.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(department_16.name) AS TEXT), 'null') || '}' AS joined_6
                        FROM hub.department AS department_16
                        WHERE
                          department_16.id = revision_3.department_id
                          AND department_16.company_id = CAST($1 AS UUID)
                      ),
                      'null'
                    ) || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.extra IS DISTINCT FROM revision_3.extra
                    )
                    THEN ',{"kind":"CHANGED","field":"extra","label":' || CAST($15 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(before_5.extra AS TEXT), 'null') || ',"after":' || COALESCE(CAST(revision_3.extra AS TEXT), 'null') || '}'
                    ELSE ''
                  END || COALESCE(
                    (
                      SELECT
                        STRING_AGG(
                          
                            CASE
                              WHEN (
                                ended_20.description IS DISTINCT FROM began_19.description
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_19.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_20.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"description","label":' || CAST($16 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_19.position, ended_20.position) AS TEXT) || ',"before":' || COALESCE(CAST(TO_JSON(ended_20.description) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(began_19.description) AS TEXT), 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_20.quantity IS DISTINCT FROM began_19.quantity
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_19.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_20.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"quantity","label":' || CAST($17 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_19.position, ended_20.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_20.quantity AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_19.quantity AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_20.unit_price IS DISTINCT FROM began_19.unit_price
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_19.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_20.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"unitPrice","label":' || CAST($18 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_19.position, ended_20.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_20.unit_price AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_19.unit_price AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_20.discount IS DISTINCT FROM began_19.discount
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_19.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_20.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"discount","label":' || CAST($19 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_19.position, ended_20.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_20.discount AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_19.discount AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_20.tax_rate IS DISTINCT FROM began_19.tax_rate
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_19.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_20.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"taxRate","label":' || CAST($20 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_19.position, ended_20.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_20.tax_rate AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_19.tax_rate AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_20.amount IS DISTINCT FROM began_19.amount
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_19.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_20.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"amount","label":' || CAST($21 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_19.position, ended_20.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_20.amount AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_19.amount AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_20.promised_date IS DISTINCT FROM began_19.promised_date
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_19.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_20.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"promisedDate","label":' || CAST($22 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_19.position, ended_20.position) AS TEXT) || ',"before":' || COALESCE(CAST(TO_JSON(ended_20.promised_date) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(began_19.promised_date) AS TEXT), 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_20.item_id IS DISTINCT FROM began_19.item_id
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_19.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_20.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"item","label":' || CAST($23 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_19.position, ended_20.position) AS TEXT) || ',"before":' || COALESCE(
                                (
                                  SELECT
                                    '{"id":"' || CAST(item_21.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(item_21.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(item_21.name) AS TEXT), 'null') || '}' AS joined_7
                                  FROM hub.item AS item_21
                                  WHERE
                                    item_21.id = ended_20.item_id AND item_21.company_id = CAST($1 AS UUID)
                                ),
                                'null'
                              ) || ',"after":' || COALESCE(
                                (
                                  SELECT
                                    '{"id":"' || CAST(item_22.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(item_22.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(item_22.name) AS TEXT), 'null') || '}' AS joined_8
                                  FROM hub.item AS item_22
                                  WHERE
                                    item_22.id = began_19.item_id AND item_22.company_id = CAST($1 AS UUID)
                                ),
                                'null'
                              ) || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_20.unit_id IS DISTINCT FROM began_19.unit_id
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_19.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_20.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"unit","label":' || CAST($24 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_19.position, ended_20.position) AS TEXT) || ',"before":' || COALESCE(
                                (
                                  SELECT
                                    '{"id":"' || CAST(unit_of_measure_23.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(unit_of_measure_23.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(unit_of_measure_23.name) AS TEXT), 'null') || '}' AS joined_9
                                  FROM hub.unit_of_measure AS unit_of_measure_23
                                  WHERE
                                    unit_of_measure_23.id = ended_20.unit_id
                                    AND unit_of_measure_23.company_id = CAST($1 AS UUID)
                                ),
                                'null'
                              ) || ',"after":' || COALESCE(
                                (
                                  SELECT
                                    '{"id":"' || CAST(unit_of_measure_24.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(unit_of_measure_24.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(unit_of_measure_24.name) AS TEXT), 'null') || '}' AS joined_10
                                  FROM hub.unit_of_measure AS unit_of_measure_24
                                  WHERE
                                    unit_of_measure_24.id = began_19.unit_id
                                    AND unit_of_measure_24.company_id = CAST($1 AS UUID)
                                ),
                                'null'
                              ) || '}'
                              ELSE ''
                            END,
                            ''
                          
                          ORDER BY
                            COALESCE(began_19.position, ended_20.position)
                        ) AS string_agg_1
                      FROM (
                        SELECT
                          line_17.valid_from AS valid_from,
                          line_17.valid_to AS valid_to,
                          line_17.id AS id,
                          line_17.version AS version,
                          line_17.position AS position,
                          line_17.description AS description,
                          line_17.quantity AS quantity,
                          line_17.unit_price AS unit_price,
                          line_17.discount AS discount,
                          line_17.tax_rate AS tax_rate,
                          line_17.amount AS amount,
                          line_17.promised_date AS promised_date,
                          line_17.sales_order_id AS sales_order_id,
                          line_17.item_id AS item_id,
                          line_17.unit_id AS unit_id,
                          line_17.updated_by AS updated_by
                        FROM (
                          SELECT
                            line_17_now.updated_at AS valid_from,
                            CAST(NULL AS TIMESTAMPTZ) AS valid_to,
                            line_17_now.id AS id,
                            line_17_now.version AS version,
                            line_17_now.position AS position,
                            line_17_now.description AS description,
                            line_17_now.quantity AS quantity,
                            line_17_now.unit_price AS unit_price,
                            line_17_now.discount AS discount,
                            line_17_now.tax_rate AS tax_rate,
                            line_17_now.amount AS amount,
                            line_17_now.promised_date AS promised_date,
                            line_17_now.sales_order_id AS sales_order_id,
                            line_17_now.item_id AS item_id,
                            line_17_now.unit_id AS unit_id,
                            line_17_now.updated_by AS updated_by
                          FROM hub.sales_order_line AS line_17_now
                          UNION ALL
                          SELECT
                            line_17_then.valid_from AS valid_from,
                            line_17_then.valid_to AS valid_to,
                            line_17_then.id AS id,
                            line_17_then.version AS version,
                            line_17_then.position AS position,
                            line_17_then.description AS description,
                            line_17_then.quantity AS quantity,
                            line_17_then.unit_price AS unit_price,
                            line_17_then.discount AS discount,
                            line_17_then.tax_rate AS tax_rate,
                            line_17_then.amount AS amount,
                            line_17_then.promised_date AS promised_date,
                            line_17_then.sales_order_id AS sales_order_id,
                            line_17_then.item_id AS item_id,
                            line_17_then.unit_id AS unit_id,
                            line_17_then.updated_by AS updated_by
                          FROM history.sales_order_line AS line_17_then
                        ) AS line_17
                        WHERE
                          line_17.sales_order_id = revision_3.id
                          AND line_17.valid_from = revision_3.valid_from
                      ) AS began_19
                      FULL OUTER JOIN (
                        SELECT
                          line_18.id AS id,
                          line_18.version AS version,
                          line_18.position AS position,
                          line_18.description AS description,
                          line_18.quantity AS quantity,
                          line_18.unit_price AS unit_price,
                          line_18.discount AS discount,
                          line_18.tax_rate AS tax_rate,
                          line_18.amount AS amount,
                          line_18.promised_date AS promised_date,
                          line_18.sales_order_id AS sales_order_id,
                          line_18.item_id AS item_id,
                          line_18.unit_id AS unit_id,
                          line_18.updated_by AS updated_by
                        FROM history.sales_order_line AS line_18
                        WHERE
                          revision_3.id = line_18.sales_order_id
                          AND revision_3.valid_from = line_18.valid_to
                      ) AS ended_20
                        ON began_19.id = ended_20.id
                    ),
                    ''
                  ) FROM CAST($25 AS INT)) || ']'
                END || '}',
                ','
              
              ORDER BY
                revision_3.version DESC
            ),
            ''
          ) || ']' AS json
        FROM LATERAL (
          SELECT
            version_2.valid_from AS valid_from,
            version_2.valid_to AS valid_to,
            version_2.id AS id,
            version_2.version AS version,
            version_2.number AS number,
            version_2.state AS state,
            version_2.customer_order_number AS customer_order_number,
            version_2.order_date AS order_date,
            version_2.promised_date AS promised_date,
            version_2.currency AS currency,
            version_2.ship_to AS ship_to,
            version_2.freight AS freight,
            version_2.note AS note,
            version_2.customer_id AS customer_id,
            version_2.sales_rep_id AS sales_rep_id,
            version_2.department_id AS department_id,
            version_2.extra AS extra,
            version_2.updated_by AS updated_by
          FROM (
            SELECT
              version_2_now.updated_at AS valid_from,
              CAST(NULL AS TIMESTAMPTZ) AS valid_to,
              version_2_now.id AS id,
              version_2_now.version AS version,
              version_2_now.number AS number,
              version_2_now.state AS state,
              version_2_now.customer_order_number AS customer_order_number,
              version_2_now.order_date AS order_date,
              version_2_now.promised_date AS promised_date,
              version_2_now.currency AS currency,
              version_2_now.ship_to AS ship_to,
              version_2_now.freight AS freight,
              version_2_now.note AS note,
              version_2_now.customer_id AS customer_id,
              version_2_now.sales_rep_id AS sales_rep_id,
              version_2_now.department_id AS department_id,
              version_2_now.extra AS extra,
              version_2_now.updated_by AS updated_by
            FROM hub.sales_order AS version_2_now
            UNION ALL
            SELECT
              version_2_then.valid_from AS valid_from,
              version_2_then.valid_to AS valid_to,
              version_2_then.id AS id,
              version_2_then.version AS version,
              version_2_then.number AS number,
              version_2_then.state AS state,
              version_2_then.customer_order_number AS customer_order_number,
              version_2_then.order_date AS order_date,
              version_2_then.promised_date AS promised_date,
              version_2_then.currency AS currency,
              version_2_then.ship_to AS ship_to,
              version_2_then.freight AS freight,
              version_2_then.note AS note,
              version_2_then.customer_id AS customer_id,
              version_2_then.sales_rep_id AS sales_rep_id,
              version_2_then.department_id AS department_id,
              version_2_then.extra AS extra,
              version_2_then.updated_by AS updated_by
            FROM history.sales_order AS version_2_then
          ) AS version_2
          WHERE
            version_2.id = sales_order_1.id AND version_2.version < CAST($26 AS INT)
          ORDER BY
            version_2.version DESC
          LIMIT 5
        ) AS revision_3
        LEFT OUTER JOIN LATERAL (
          SELECT
            former_4.id AS id,
            former_4.version AS version,
            former_4.number AS number,
            former_4.state AS state,
            former_4.customer_order_number AS customer_order_number,
            former_4.order_date AS order_date,
            former_4.promised_date AS promised_date,
            former_4.currency AS currency,
            former_4.ship_to AS ship_to,
            former_4.freight AS freight,
            former_4.note AS note,
            former_4.customer_id AS customer_id,
            former_4.sales_rep_id AS sales_rep_id,
            former_4.department_id AS department_id,
            former_4.extra AS extra,
            former_4.updated_by AS updated_by
          FROM history.sales_order AS former_4
          WHERE
            revision_3.id = former_4.id AND revision_3.valid_from = former_4.valid_to
          LIMIT CAST($27 AS INT)
        ) AS before_5
          ON TRUE
        LEFT OUTER JOIN LATERAL (
          SELECT
            STRING_AGG(CAST(TO_JSON(entry_6.verb) AS TEXT), ','
            ORDER BY
              entry_6.id) AS verbs,
            STRING_AGG(
              
                COALESCE(CAST(CAST($28 AS VARCHAR) AS JSONB) ->> entry_6.verb, entry_6.verb),
                CAST($29 AS VARCHAR)
              
              ORDER BY
                entry_6.id
            ) AS label,
            MAX(entry_6.channel) AS channel,
            MAX(entry_6.actor) AS actor
          FROM audit.audit_entry AS entry_6
          WHERE
            entry_6.document_type = CAST($30 AS VARCHAR)
            AND (
              entry_6.document_id = revision_3.id OR entry_6.document_id IS NULL
            )
            AND entry_6.at = revision_3.valid_from
        ) AS audited_7
          ON TRUE
      ) AS history_25
        ON TRUE
      WHERE
        sales_order_1.number = CAST($31 AS VARCHAR)
        AND sales_order_1.company_id = CAST($1 AS UUID)
    ),
    'null'
  ) || ',"customers":' || (
    SELECT
      '{"nodes":' || '[' || COALESCE(
        STRING_AGG(
          
            '{"code":' || CAST(TO_JSON(row_28.code) AS TEXT) || ',"history":' || history_34.json || '}',
            ','
          
          ORDER BY
            row_28.n
        ),
        ''
      ) || ']' || '}' AS json
    FROM (
      SELECT
        page_27.id AS id,
        page_27.code AS code,
        ROW_NUMBER() OVER () AS n
      FROM (
        SELECT
          customer_26.id AS id,
          customer_26.code AS code
        FROM hub.customer AS customer_26
        WHERE
          customer_26.company_id = CAST($1 AS UUID)
        ORDER BY
          customer_26.name_pinyin ASC,
          customer_26.id ASC
        LIMIT 2
      ) AS page_27
    ) AS row_28
    LEFT OUTER JOIN LATERAL (
      SELECT
        '[' || COALESCE(
          STRING_AGG(
            
              '{"version":' || CAST(revision_30.version AS TEXT) || ',"until":' || COALESCE(
                CAST(TO_JSON(
                  COALESCE(
                    (
                      SELECT
                        MAX(UPPER(moment_33.during)) AS max_1
                      FROM audit.commit_moment AS moment_33
                      WHERE
                        (
                          moment_33.during @> revision_30.valid_to
                        )
                        AND LOWER(moment_33.during) = revision_30.valid_to
                    ),
                    revision_30.valid_to
                  )
                ) AS TEXT),
                'null'
              ) || ',"changes":' || CASE
                WHEN (
                  before_32.id IS NULL
                )
                THEN '[]'
                ELSE '[' || SUBSTRING(CASE
                  WHEN (
                    before_32.code IS DISTINCT FROM revision_30.code
                  )
                  THEN ',{"field":"code"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_32.name IS DISTINCT FROM revision_30.name
                  )
                  THEN ',{"field":"name"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_32.active IS DISTINCT FROM revision_30.active
                  )
                  THEN ',{"field":"active"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_32.short_name IS DISTINCT FROM revision_30.short_name
                  )
                  THEN ',{"field":"shortName"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_32.uscc IS DISTINCT FROM revision_30.uscc
                  )
                  THEN ',{"field":"uscc"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_32.contact_name IS DISTINCT FROM revision_30.contact_name
                  )
                  THEN ',{"field":"contactName"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_32.phone IS DISTINCT FROM revision_30.phone
                  )
                  THEN ',{"field":"phone"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_32.email IS DISTINCT FROM revision_30.email
                  )
                  THEN ',{"field":"email"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_32.address IS DISTINCT FROM revision_30.address
                  )
                  THEN ',{"field":"address"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_32.city IS DISTINCT FROM revision_30.city
                  )
                  THEN ',{"field":"city"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_32.country IS DISTINCT FROM revision_30.country
                  )
                  THEN ',{"field":"country"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_32.credit_limit IS DISTINCT FROM revision_30.credit_limit
                  )
                  THEN ',{"field":"creditLimit"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_32.payment_terms_days IS DISTINCT FROM revision_30.payment_terms_days
                  )
                  THEN ',{"field":"paymentTermsDays"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_32.sales_rep_id IS DISTINCT FROM revision_30.sales_rep_id
                  )
                  THEN ',{"field":"salesRep"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_32.extra IS DISTINCT FROM revision_30.extra
                  )
                  THEN ',{"field":"extra"}'
                  ELSE ''
                END FROM CAST($32 AS INT)) || ']'
              END || '}',
              ','
            
            ORDER BY
              revision_30.version DESC
          ),
          ''
        ) || ']' AS json
      FROM LATERAL (
        SELECT
          version_29.valid_from AS valid_from,
          version_29.valid_to AS valid_to,
          version_29.id AS id,
          version_29.version AS version,
          version_29.code AS code,
          version_29.name AS name,
          version_29.active AS active,
          version_29.short_name AS short_name,
          version_29.uscc AS uscc,
          version_29.contact_name AS contact_name,
          version_29.phone AS phone,
          version_29.email AS email,
          version_29.address AS address,
          version_29.city AS city,
          version_29.country AS country,
          version_29.credit_limit AS credit_limit,
          version_29.payment_terms_days AS payment_terms_days,
          version_29.sales_rep_id AS sales_rep_id,
          version_29.extra AS extra,
          version_29.updated_by AS updated_by
        FROM (
          SELECT
            version_29_now.updated_at AS valid_from,
            CAST(NULL AS TIMESTAMPTZ) AS valid_to,
            version_29_now.id AS id,
            version_29_now.version AS version,
            version_29_now.code AS code,
            version_29_now.name AS name,
            version_29_now.active AS active,
            version_29_now.short_name AS short_name,
            version_29_now.uscc AS uscc,
            version_29_now.contact_name AS contact_name,
            version_29_now.phone AS phone,
            version_29_now.email AS email,
            version_29_now.address AS address,
            version_29_now.city AS city,
            version_29_now.country AS country,
            version_29_now.credit_limit AS credit_limit,
            version_29_now.payment_terms_days AS payment_terms_days,
            version_29_now.sales_rep_id AS sales_rep_id,
            version_29_now.extra AS extra,
            version_29_now.updated_by AS updated_by
          FROM hub.customer AS version_29_now
          UNION ALL
          SELECT
            version_29_then.valid_from AS valid_from,
            version_29_then.valid_to AS valid_to,
            version_29_then.id AS id,
            version_29_then.version AS version,
            version_29_then.code AS code,
            version_29_then.name AS name,
            version_29_then.active AS active,
            version_29_then.short_name AS short_name,
            version_29_then.uscc AS uscc,
            version_29_then.contact_name AS contact_name,
            version_29_then.phone AS phone,
            version_29_then.email AS email,
            version_29_then.address AS address,
            version_29_then.city AS city,
            version_29_then.country AS country,
            version_29_then.credit_limit AS credit_limit,
            version_29_then.payment_terms_days AS payment_terms_days,
            version_29_then.sales_rep_id AS sales_rep_id,
            version_29_then.extra AS extra,
            version_29_then.updated_by AS updated_by
          FROM history.customer AS version_29_then
        ) AS version_29
        WHERE
          version_29.id = row_28.id
        ORDER BY
          version_29.version DESC
        LIMIT 1
      ) AS revision_30
      LEFT OUTER JOIN LATERAL (
        SELECT
          former_31.id AS id,
          former_31.version AS version,
          former_31.code AS code,
          former_31.name AS name,
          former_31.active AS active,
          former_31.short_name AS short_name,
          former_31.uscc AS uscc,
          former_31.contact_name AS contact_name,
          former_31.phone AS phone,
          former_31.email AS email,
          former_31.address AS address,
          former_31.city AS city,
          former_31.country AS country,
          former_31.credit_limit AS credit_limit,
          former_31.payment_terms_days AS payment_terms_days,
          former_31.sales_rep_id AS sales_rep_id,
          former_31.extra AS extra,
          former_31.updated_by AS updated_by
        FROM history.customer AS former_31
        WHERE
          revision_30.id = former_31.id AND revision_30.valid_from = former_31.valid_to
        LIMIT CAST($33 AS INT)
      ) AS before_32
        ON TRUE
    ) AS history_34
      ON TRUE
  ) || '}' AS answer
