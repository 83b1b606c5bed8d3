SELECT
  '{"salesOrder":' || COALESCE(
    (
      SELECT
        '{"number":' || CAST(TO_JSON(sales_order_1.number) AS TEXT) || ',"history":' || history_24.json || '}' AS json
      FROM hub.sales_order AS sales_order_1
      LEFT OUTER JOIN LATERAL (
        SELECT
          '[' || COALESCE(
            STRING_AGG(
              
                '{"version":' || CAST(revision_3.version AS TEXT) || ',"byCode":' || COALESCE(
                  CAST(TO_JSON(
                    COALESCE(
                      (
                        SELECT
                          user_8.code
                        FROM hub."user" AS user_8
                        WHERE
                          user_8.id = revision_3.updated_by
                      ),
                      audited_7.actor
                    )
                  ) AS TEXT),
                  'null'
                ) || ',"byName":' || COALESCE(
                  CAST(TO_JSON(
                    COALESCE(
                      (
                        SELECT
                          user_9.name
                        FROM hub."user" AS user_9
                        WHERE
                          user_9.id = revision_3.updated_by
                      ),
                      audited_7.actor,
                      CAST($1 AS VARCHAR)
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
                    THEN ',{"kind":"CHANGED","field":"number","label":' || CAST($2 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.number) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.number) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.state IS DISTINCT FROM revision_3.state
                    )
                    THEN ',{"kind":"CHANGED","field":"state","label":' || CAST($3 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE('"' || UPPER(before_5.state) || '"', 'null') || ',"after":' || COALESCE('"' || UPPER(revision_3.state) || '"', 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.customer_order_number IS DISTINCT FROM revision_3.customer_order_number
                    )
                    THEN ',{"kind":"CHANGED","field":"customerOrderNumber","label":' || CAST($4 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.customer_order_number) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.customer_order_number) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.order_date IS DISTINCT FROM revision_3.order_date
                    )
                    THEN ',{"kind":"CHANGED","field":"orderDate","label":' || CAST($5 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.order_date) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.order_date) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.promised_date IS DISTINCT FROM revision_3.promised_date
                    )
                    THEN ',{"kind":"CHANGED","field":"promisedDate","label":' || CAST($6 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.promised_date) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.promised_date) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.currency IS DISTINCT FROM revision_3.currency
                    )
                    THEN ',{"kind":"CHANGED","field":"currency","label":' || CAST($7 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.currency) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.currency) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.ship_to IS DISTINCT FROM revision_3.ship_to
                    )
                    THEN ',{"kind":"CHANGED","field":"shipTo","label":' || CAST($8 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.ship_to) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.ship_to) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.freight IS DISTINCT FROM revision_3.freight
                    )
                    THEN ',{"kind":"CHANGED","field":"freight","label":' || CAST($9 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE('"' || CAST(before_5.freight AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(revision_3.freight AS TEXT) || '"', 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.note IS DISTINCT FROM revision_3.note
                    )
                    THEN ',{"kind":"CHANGED","field":"note","label":' || CAST($10 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.note) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.note) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.customer_id IS DISTINCT FROM revision_3.customer_id
                    )
                    THEN ',{"kind":"CHANGED","field":"customer","label":' || CAST($11 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(customer_10.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(customer_10.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(customer_10.name) AS TEXT), 'null') || '}' AS joined_1
                        FROM hub.customer AS customer_10
                        WHERE
                          customer_10.id = before_5.customer_id
                          AND customer_10.company_id = CAST($12 AS UUID)
                      ),
                      'null'
                    ) || ',"after":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(customer_11.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(customer_11.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(customer_11.name) AS TEXT), 'null') || '}' AS joined_2
                        FROM hub.customer AS customer_11
                        WHERE
                          customer_11.id = revision_3.customer_id
                          AND customer_11.company_id = CAST($12 AS UUID)
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
                          '{"id":"' || CAST(employee_12.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(employee_12.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(employee_12.name) AS TEXT), 'null') || '}' AS joined_3
                        FROM hub.employee AS employee_12
                        WHERE
                          employee_12.id = before_5.sales_rep_id
                          AND employee_12.company_id = CAST($12 AS UUID)
                      ),
                      'null'
                    ) || ',"after":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(employee_13.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(employee_13.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(employee_13.name) AS TEXT), 'null') || '}' AS joined_4
                        FROM hub.employee AS employee_13
                        WHERE
                          employee_13.id = revision_3.sales_rep_id
                          AND employee_13.company_id = CAST($12 AS UUID)
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
                          '{"id":"' || CAST(department_14.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(department_14.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(department_14.name) AS TEXT), 'null') || '}' AS joined_5
                        FROM hub.department AS department_14
                        WHERE
                          department_14.id = before_5.department_id
                          AND department_14.company_id = CAST($12 AS UUID)
                      ),
                      'null'
                    ) || ',"after":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(department_15.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(department_15.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(department_15.name) AS TEXT), 'null') || '}' AS joined_6
                        FROM hub.department AS department_15
                        WHERE
                          department_15.id = revision_3.department_id
                          AND department_15.company_id = CAST($12 AS UUID)
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
                                ended_19.description IS DISTINCT FROM began_18.description
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_18.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_19.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"description","label":' || CAST($16 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_18.position, ended_19.position) AS TEXT) || ',"before":' || COALESCE(CAST(TO_JSON(ended_19.description) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(began_18.description) AS TEXT), 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_19.quantity IS DISTINCT FROM began_18.quantity
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_18.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_19.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"quantity","label":' || CAST($17 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_18.position, ended_19.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_19.quantity AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_18.quantity AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_19.unit_price IS DISTINCT FROM began_18.unit_price
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_18.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_19.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"unitPrice","label":' || CAST($18 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_18.position, ended_19.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_19.unit_price AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_18.unit_price AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_19.discount IS DISTINCT FROM began_18.discount
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_18.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_19.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"discount","label":' || CAST($19 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_18.position, ended_19.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_19.discount AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_18.discount AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_19.tax_rate IS DISTINCT FROM began_18.tax_rate
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_18.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_19.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"taxRate","label":' || CAST($20 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_18.position, ended_19.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_19.tax_rate AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_18.tax_rate AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_19.amount IS DISTINCT FROM began_18.amount
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_18.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_19.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"amount","label":' || CAST($21 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_18.position, ended_19.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_19.amount AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_18.amount AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_19.promised_date IS DISTINCT FROM began_18.promised_date
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_18.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_19.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"promisedDate","label":' || CAST($22 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_18.position, ended_19.position) AS TEXT) || ',"before":' || COALESCE(CAST(TO_JSON(ended_19.promised_date) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(began_18.promised_date) AS TEXT), 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_19.item_id IS DISTINCT FROM began_18.item_id
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_18.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_19.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"item","label":' || CAST($23 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_18.position, ended_19.position) AS TEXT) || ',"before":' || COALESCE(
                                (
                                  SELECT
                                    '{"id":"' || CAST(item_20.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(item_20.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(item_20.name) AS TEXT), 'null') || '}' AS joined_7
                                  FROM hub.item AS item_20
                                  WHERE
                                    item_20.id = ended_19.item_id AND item_20.company_id = CAST($12 AS UUID)
                                ),
                                'null'
                              ) || ',"after":' || COALESCE(
                                (
                                  SELECT
                                    '{"id":"' || CAST(item_21.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(item_21.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(item_21.name) AS TEXT), 'null') || '}' AS joined_8
                                  FROM hub.item AS item_21
                                  WHERE
                                    item_21.id = began_18.item_id AND item_21.company_id = CAST($12 AS UUID)
                                ),
                                'null'
                              ) || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_19.unit_id IS DISTINCT FROM began_18.unit_id
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_18.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_19.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"unit","label":' || CAST($24 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_18.position, ended_19.position) AS TEXT) || ',"before":' || COALESCE(
                                (
                                  SELECT
                                    '{"id":"' || CAST(unit_of_measure_22.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(unit_of_measure_22.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(unit_of_measure_22.name) AS TEXT), 'null') || '}' AS joined_9
                                  FROM hub.unit_of_measure AS unit_of_measure_22
                                  WHERE
                                    unit_of_measure_22.id = ended_19.unit_id
                                    AND unit_of_measure_22.company_id = CAST($12 AS UUID)
                                ),
                                'null'
                              ) || ',"after":' || COALESCE(
                                (
                                  SELECT
                                    '{"id":"' || CAST(unit_of_measure_23.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(unit_of_measure_23.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(unit_of_measure_23.name) AS TEXT), 'null') || '}' AS joined_10
                                  FROM hub.unit_of_measure AS unit_of_measure_23
                                  WHERE
                                    unit_of_measure_23.id = began_18.unit_id
                                    AND unit_of_measure_23.company_id = CAST($12 AS UUID)
                                ),
                                'null'
                              ) || '}'
                              ELSE ''
                            END,
                            ''
                          
                          ORDER BY
                            COALESCE(began_18.position, ended_19.position)
                        ) AS string_agg_1
                      FROM (
                        SELECT
                          line_16.valid_from AS valid_from,
                          line_16.valid_to AS valid_to,
                          line_16.id AS id,
                          line_16.version AS version,
                          line_16.position AS position,
                          line_16.description AS description,
                          line_16.quantity AS quantity,
                          line_16.unit_price AS unit_price,
                          line_16.discount AS discount,
                          line_16.tax_rate AS tax_rate,
                          line_16.amount AS amount,
                          line_16.promised_date AS promised_date,
                          line_16.sales_order_id AS sales_order_id,
                          line_16.item_id AS item_id,
                          line_16.unit_id AS unit_id,
                          line_16.updated_by AS updated_by
                        FROM (
                          SELECT
                            line_16_now.updated_at AS valid_from,
                            CAST(NULL AS TIMESTAMPTZ) AS valid_to,
                            line_16_now.id AS id,
                            line_16_now.version AS version,
                            line_16_now.position AS position,
                            line_16_now.description AS description,
                            line_16_now.quantity AS quantity,
                            line_16_now.unit_price AS unit_price,
                            line_16_now.discount AS discount,
                            line_16_now.tax_rate AS tax_rate,
                            line_16_now.amount AS amount,
                            line_16_now.promised_date AS promised_date,
                            line_16_now.sales_order_id AS sales_order_id,
                            line_16_now.item_id AS item_id,
                            line_16_now.unit_id AS unit_id,
                            line_16_now.updated_by AS updated_by
                          FROM hub.sales_order_line AS line_16_now
                          UNION ALL
                          SELECT
                            line_16_then.valid_from AS valid_from,
                            line_16_then.valid_to AS valid_to,
                            line_16_then.id AS id,
                            line_16_then.version AS version,
                            line_16_then.position AS position,
                            line_16_then.description AS description,
                            line_16_then.quantity AS quantity,
                            line_16_then.unit_price AS unit_price,
                            line_16_then.discount AS discount,
                            line_16_then.tax_rate AS tax_rate,
                            line_16_then.amount AS amount,
                            line_16_then.promised_date AS promised_date,
                            line_16_then.sales_order_id AS sales_order_id,
                            line_16_then.item_id AS item_id,
                            line_16_then.unit_id AS unit_id,
                            line_16_then.updated_by AS updated_by
                          FROM history.sales_order_line AS line_16_then
                        ) AS line_16
                        WHERE
                          line_16.sales_order_id = revision_3.id
                          AND line_16.valid_from = revision_3.valid_from
                      ) AS began_18
                      FULL OUTER JOIN (
                        SELECT
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
                        FROM history.sales_order_line AS line_17
                        WHERE
                          revision_3.id = line_17.sales_order_id
                          AND revision_3.valid_from = line_17.valid_to
                      ) AS ended_19
                        ON began_18.id = ended_19.id
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
      ) AS history_24
        ON TRUE
      WHERE
        sales_order_1.number = CAST($31 AS VARCHAR)
        AND sales_order_1.company_id = CAST($12 AS UUID)
    ),
    'null'
  ) || ',"customers":' || (
    SELECT
      '{"nodes":' || '[' || COALESCE(
        STRING_AGG(
          
            '{"code":' || CAST(TO_JSON(row_27.code) AS TEXT) || ',"history":' || history_33.json || '}',
            ','
          
          ORDER BY
            row_27.n
        ),
        ''
      ) || ']' || '}' AS json
    FROM (
      SELECT
        page_26.id AS id,
        page_26.code AS code,
        ROW_NUMBER() OVER () AS n
      FROM (
        SELECT
          customer_25.id AS id,
          customer_25.code AS code
        FROM hub.customer AS customer_25
        WHERE
          customer_25.company_id = CAST($12 AS UUID)
        ORDER BY
          customer_25.name_pinyin ASC,
          customer_25.id ASC
        LIMIT 2
      ) AS page_26
    ) AS row_27
    LEFT OUTER JOIN LATERAL (
      SELECT
        '[' || COALESCE(
          STRING_AGG(
            
              '{"version":' || CAST(revision_29.version AS TEXT) || ',"until":' || COALESCE(
                CAST(TO_JSON(
                  COALESCE(
                    (
                      SELECT
                        MAX(UPPER(moment_32.during)) AS max_1
                      FROM audit.commit_moment AS moment_32
                      WHERE
                        (
                          moment_32.during @> revision_29.valid_to
                        )
                        AND LOWER(moment_32.during) = revision_29.valid_to
                    ),
                    revision_29.valid_to
                  )
                ) AS TEXT),
                'null'
              ) || ',"changes":' || CASE
                WHEN (
                  before_31.id IS NULL
                )
                THEN '[]'
                ELSE '[' || SUBSTRING(CASE
                  WHEN (
                    before_31.code IS DISTINCT FROM revision_29.code
                  )
                  THEN ',{"field":"code"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_31.name IS DISTINCT FROM revision_29.name
                  )
                  THEN ',{"field":"name"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_31.active IS DISTINCT FROM revision_29.active
                  )
                  THEN ',{"field":"active"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_31.short_name IS DISTINCT FROM revision_29.short_name
                  )
                  THEN ',{"field":"shortName"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_31.uscc IS DISTINCT FROM revision_29.uscc
                  )
                  THEN ',{"field":"uscc"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_31.contact_name IS DISTINCT FROM revision_29.contact_name
                  )
                  THEN ',{"field":"contactName"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_31.phone IS DISTINCT FROM revision_29.phone
                  )
                  THEN ',{"field":"phone"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_31.email IS DISTINCT FROM revision_29.email
                  )
                  THEN ',{"field":"email"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_31.address IS DISTINCT FROM revision_29.address
                  )
                  THEN ',{"field":"address"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_31.city IS DISTINCT FROM revision_29.city
                  )
                  THEN ',{"field":"city"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_31.country IS DISTINCT FROM revision_29.country
                  )
                  THEN ',{"field":"country"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_31.credit_limit IS DISTINCT FROM revision_29.credit_limit
                  )
                  THEN ',{"field":"creditLimit"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_31.payment_terms_days IS DISTINCT FROM revision_29.payment_terms_days
                  )
                  THEN ',{"field":"paymentTermsDays"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_31.sales_rep_id IS DISTINCT FROM revision_29.sales_rep_id
                  )
                  THEN ',{"field":"salesRep"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_31.extra IS DISTINCT FROM revision_29.extra
                  )
                  THEN ',{"field":"extra"}'
                  ELSE ''
                END FROM CAST($32 AS INT)) || ']'
              END || '}',
              ','
            
            ORDER BY
              revision_29.version DESC
          ),
          ''
        ) || ']' AS json
      FROM LATERAL (
        SELECT
          version_28.valid_from AS valid_from,
          version_28.valid_to AS valid_to,
          version_28.id AS id,
          version_28.version AS version,
          version_28.code AS code,
          version_28.name AS name,
          version_28.active AS active,
          version_28.short_name AS short_name,
          version_28.uscc AS uscc,
          version_28.contact_name AS contact_name,
          version_28.phone AS phone,
          version_28.email AS email,
          version_28.address AS address,
          version_28.city AS city,
          version_28.country AS country,
          version_28.credit_limit AS credit_limit,
          version_28.payment_terms_days AS payment_terms_days,
          version_28.sales_rep_id AS sales_rep_id,
          version_28.extra AS extra,
          version_28.updated_by AS updated_by
        FROM (
          SELECT
            version_28_now.updated_at AS valid_from,
            CAST(NULL AS TIMESTAMPTZ) AS valid_to,
            version_28_now.id AS id,
            version_28_now.version AS version,
            version_28_now.code AS code,
            version_28_now.name AS name,
            version_28_now.active AS active,
            version_28_now.short_name AS short_name,
            version_28_now.uscc AS uscc,
            version_28_now.contact_name AS contact_name,
            version_28_now.phone AS phone,
            version_28_now.email AS email,
            version_28_now.address AS address,
            version_28_now.city AS city,
            version_28_now.country AS country,
            version_28_now.credit_limit AS credit_limit,
            version_28_now.payment_terms_days AS payment_terms_days,
            version_28_now.sales_rep_id AS sales_rep_id,
            version_28_now.extra AS extra,
            version_28_now.updated_by AS updated_by
          FROM hub.customer AS version_28_now
          UNION ALL
          SELECT
            version_28_then.valid_from AS valid_from,
            version_28_then.valid_to AS valid_to,
            version_28_then.id AS id,
            version_28_then.version AS version,
            version_28_then.code AS code,
            version_28_then.name AS name,
            version_28_then.active AS active,
            version_28_then.short_name AS short_name,
            version_28_then.uscc AS uscc,
            version_28_then.contact_name AS contact_name,
            version_28_then.phone AS phone,
            version_28_then.email AS email,
            version_28_then.address AS address,
            version_28_then.city AS city,
            version_28_then.country AS country,
            version_28_then.credit_limit AS credit_limit,
            version_28_then.payment_terms_days AS payment_terms_days,
            version_28_then.sales_rep_id AS sales_rep_id,
            version_28_then.extra AS extra,
            version_28_then.updated_by AS updated_by
          FROM history.customer AS version_28_then
        ) AS version_28
        WHERE
          version_28.id = row_27.id
        ORDER BY
          version_28.version DESC
        LIMIT 1
      ) AS revision_29
      LEFT OUTER JOIN LATERAL (
        SELECT
          former_30.id AS id,
          former_30.version AS version,
          former_30.code AS code,
          former_30.name AS name,
          former_30.active AS active,
          former_30.short_name AS short_name,
          former_30.uscc AS uscc,
          former_30.contact_name AS contact_name,
          former_30.phone AS phone,
          former_30.email AS email,
          former_30.address AS address,
          former_30.city AS city,
          former_30.country AS country,
          former_30.credit_limit AS credit_limit,
          former_30.payment_terms_days AS payment_terms_days,
          former_30.sales_rep_id AS sales_rep_id,
          former_30.extra AS extra,
          former_30.updated_by AS updated_by
        FROM history.customer AS former_30
        WHERE
          revision_29.id = former_30.id AND revision_29.valid_from = former_30.valid_to
        LIMIT CAST($33 AS INT)
      ) AS before_31
        ON TRUE
    ) AS history_33
      ON TRUE
  ) || '}' AS answer
