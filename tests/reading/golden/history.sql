SELECT
  '{"salesOrder":' || COALESCE(
    (
      SELECT
        '{"number":' || CAST(TO_JSON(sales_order_1.number) AS TEXT) || ',"history":' || history_27.json || '}' AS json
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
                      before_5.predecessor_id IS DISTINCT FROM revision_3.predecessor_id
                    )
                    THEN ',{"kind":"CHANGED","field":"predecessor","label":' || CAST($15 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(sales_order_17.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(sales_order_17.number) AS TEXT), 'null') || ',"name":' || 'null' || '}' AS joined_7
                        FROM hub.sales_order AS sales_order_17
                        WHERE
                          sales_order_17.id = before_5.predecessor_id
                          AND sales_order_17.company_id = CAST($1 AS UUID)
                      ),
                      'null'
                    ) || ',"after":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(sales_order_18.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(sales_order_18.number) AS TEXT), 'null') || ',"name":' || 'null' || '}' AS joined_8
                        FROM hub.sales_order AS sales_order_18
                        WHERE
                          sales_order_18.id = revision_3.predecessor_id
                          AND sales_order_18.company_id = CAST($1 AS UUID)
                      ),
                      'null'
                    ) || '}'
                    ELSE ''
                  END || COALESCE(
                    (
                      SELECT
                        STRING_AGG(
                          
                            CASE
                              WHEN (
                                ended_22.description IS DISTINCT FROM began_21.description
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_21.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_22.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"description","label":' || CAST($16 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_21.position, ended_22.position) AS TEXT) || ',"before":' || COALESCE(CAST(TO_JSON(ended_22.description) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(began_21.description) AS TEXT), 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_22.quantity IS DISTINCT FROM began_21.quantity
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_21.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_22.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"quantity","label":' || CAST($17 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_21.position, ended_22.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_22.quantity AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_21.quantity AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_22.unit_price IS DISTINCT FROM began_21.unit_price
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_21.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_22.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"unitPrice","label":' || CAST($18 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_21.position, ended_22.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_22.unit_price AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_21.unit_price AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_22.discount IS DISTINCT FROM began_21.discount
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_21.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_22.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"discount","label":' || CAST($19 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_21.position, ended_22.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_22.discount AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_21.discount AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_22.tax_rate IS DISTINCT FROM began_21.tax_rate
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_21.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_22.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"taxRate","label":' || CAST($20 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_21.position, ended_22.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_22.tax_rate AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_21.tax_rate AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_22.amount IS DISTINCT FROM began_21.amount
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_21.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_22.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"amount","label":' || CAST($21 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_21.position, ended_22.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_22.amount AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_21.amount AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_22.promised_date IS DISTINCT FROM began_21.promised_date
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_21.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_22.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"promisedDate","label":' || CAST($22 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_21.position, ended_22.position) AS TEXT) || ',"before":' || COALESCE(CAST(TO_JSON(ended_22.promised_date) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(began_21.promised_date) AS TEXT), 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_22.item_id IS DISTINCT FROM began_21.item_id
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_21.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_22.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"item","label":' || CAST($23 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_21.position, ended_22.position) AS TEXT) || ',"before":' || COALESCE(
                                (
                                  SELECT
                                    '{"id":"' || CAST(item_23.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(item_23.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(item_23.name) AS TEXT), 'null') || '}' AS joined_9
                                  FROM hub.item AS item_23
                                  WHERE
                                    item_23.id = ended_22.item_id AND item_23.company_id = CAST($1 AS UUID)
                                ),
                                'null'
                              ) || ',"after":' || COALESCE(
                                (
                                  SELECT
                                    '{"id":"' || CAST(item_24.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(item_24.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(item_24.name) AS TEXT), 'null') || '}' AS joined_10
                                  FROM hub.item AS item_24
                                  WHERE
                                    item_24.id = began_21.item_id AND item_24.company_id = CAST($1 AS UUID)
                                ),
                                'null'
                              ) || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_22.unit_id IS DISTINCT FROM began_21.unit_id
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_21.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_22.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"unit","label":' || CAST($24 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_21.position, ended_22.position) AS TEXT) || ',"before":' || COALESCE(
                                (
                                  SELECT
                                    '{"id":"' || CAST(unit_of_measure_25.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(unit_of_measure_25.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(unit_of_measure_25.name) AS TEXT), 'null') || '}' AS joined_11
                                  FROM hub.unit_of_measure AS unit_of_measure_25
                                  WHERE
                                    unit_of_measure_25.id = ended_22.unit_id
                                    AND unit_of_measure_25.company_id = CAST($1 AS UUID)
                                ),
                                'null'
                              ) || ',"after":' || COALESCE(
                                (
                                  SELECT
                                    '{"id":"' || CAST(unit_of_measure_26.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(unit_of_measure_26.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(unit_of_measure_26.name) AS TEXT), 'null') || '}' AS joined_12
                                  FROM hub.unit_of_measure AS unit_of_measure_26
                                  WHERE
                                    unit_of_measure_26.id = began_21.unit_id
                                    AND unit_of_measure_26.company_id = CAST($1 AS UUID)
                                ),
                                'null'
                              ) || '}'
                              ELSE ''
                            END,
                            ''
                          
                          ORDER BY
                            COALESCE(began_21.position, ended_22.position)
                        ) AS string_agg_1
                      FROM (
                        SELECT
                          line_19.valid_from AS valid_from,
                          line_19.valid_to AS valid_to,
                          line_19.id AS id,
                          line_19.version AS version,
                          line_19.position AS position,
                          line_19.description AS description,
                          line_19.quantity AS quantity,
                          line_19.unit_price AS unit_price,
                          line_19.discount AS discount,
                          line_19.tax_rate AS tax_rate,
                          line_19.amount AS amount,
                          line_19.promised_date AS promised_date,
                          line_19.sales_order_id AS sales_order_id,
                          line_19.item_id AS item_id,
                          line_19.unit_id AS unit_id,
                          line_19.updated_by AS updated_by
                        FROM (
                          SELECT
                            line_19_now.updated_at AS valid_from,
                            CAST(NULL AS TIMESTAMPTZ) AS valid_to,
                            line_19_now.id AS id,
                            line_19_now.version AS version,
                            line_19_now.position AS position,
                            line_19_now.description AS description,
                            line_19_now.quantity AS quantity,
                            line_19_now.unit_price AS unit_price,
                            line_19_now.discount AS discount,
                            line_19_now.tax_rate AS tax_rate,
                            line_19_now.amount AS amount,
                            line_19_now.promised_date AS promised_date,
                            line_19_now.sales_order_id AS sales_order_id,
                            line_19_now.item_id AS item_id,
                            line_19_now.unit_id AS unit_id,
                            line_19_now.updated_by AS updated_by
                          FROM hub.sales_order_line AS line_19_now
                          UNION ALL
                          SELECT
                            line_19_then.valid_from AS valid_from,
                            line_19_then.valid_to AS valid_to,
                            line_19_then.id AS id,
                            line_19_then.version AS version,
                            line_19_then.position AS position,
                            line_19_then.description AS description,
                            line_19_then.quantity AS quantity,
                            line_19_then.unit_price AS unit_price,
                            line_19_then.discount AS discount,
                            line_19_then.tax_rate AS tax_rate,
                            line_19_then.amount AS amount,
                            line_19_then.promised_date AS promised_date,
                            line_19_then.sales_order_id AS sales_order_id,
                            line_19_then.item_id AS item_id,
                            line_19_then.unit_id AS unit_id,
                            line_19_then.updated_by AS updated_by
                          FROM history.sales_order_line AS line_19_then
                        ) AS line_19
                        WHERE
                          line_19.sales_order_id = revision_3.id
                          AND line_19.valid_from = revision_3.valid_from
                      ) AS began_21
                      FULL OUTER JOIN (
                        SELECT
                          line_20.id AS id,
                          line_20.version AS version,
                          line_20.position AS position,
                          line_20.description AS description,
                          line_20.quantity AS quantity,
                          line_20.unit_price AS unit_price,
                          line_20.discount AS discount,
                          line_20.tax_rate AS tax_rate,
                          line_20.amount AS amount,
                          line_20.promised_date AS promised_date,
                          line_20.sales_order_id AS sales_order_id,
                          line_20.item_id AS item_id,
                          line_20.unit_id AS unit_id,
                          line_20.updated_by AS updated_by
                        FROM history.sales_order_line AS line_20
                        WHERE
                          revision_3.id = line_20.sales_order_id
                          AND revision_3.valid_from = line_20.valid_to
                      ) AS ended_22
                        ON began_21.id = ended_22.id
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
            version_2.predecessor_id AS predecessor_id,
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
              version_2_now.predecessor_id AS predecessor_id,
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
              version_2_then.predecessor_id AS predecessor_id,
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
            former_4.predecessor_id AS predecessor_id,
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
      ) AS history_27
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
          
            '{"code":' || CAST(TO_JSON(row_30.code) AS TEXT) || ',"history":' || history_36.json || '}',
            ','
          
          ORDER BY
            row_30.n
        ),
        ''
      ) || ']' || '}' AS json
    FROM (
      SELECT
        page_29.id AS id,
        page_29.code AS code,
        ROW_NUMBER() OVER () AS n
      FROM (
        SELECT
          customer_28.id AS id,
          customer_28.code AS code
        FROM hub.customer AS customer_28
        WHERE
          customer_28.company_id = CAST($1 AS UUID)
        ORDER BY
          customer_28.name_pinyin ASC,
          customer_28.id ASC
        LIMIT 2
      ) AS page_29
    ) AS row_30
    LEFT OUTER JOIN LATERAL (
      SELECT
        '[' || COALESCE(
          STRING_AGG(
            
              '{"version":' || CAST(revision_32.version AS TEXT) || ',"until":' || COALESCE(
                CAST(TO_JSON(
                  COALESCE(
                    (
                      SELECT
                        MAX(UPPER(moment_35.during)) AS max_1
                      FROM audit.commit_moment AS moment_35
                      WHERE
                        (
                          moment_35.during @> revision_32.valid_to
                        )
                        AND LOWER(moment_35.during) = revision_32.valid_to
                    ),
                    revision_32.valid_to
                  )
                ) AS TEXT),
                'null'
              ) || ',"changes":' || CASE
                WHEN (
                  before_34.id IS NULL
                )
                THEN '[]'
                ELSE '[' || SUBSTRING(CASE
                  WHEN (
                    before_34.code IS DISTINCT FROM revision_32.code
                  )
                  THEN ',{"field":"code"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_34.name IS DISTINCT FROM revision_32.name
                  )
                  THEN ',{"field":"name"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_34.active IS DISTINCT FROM revision_32.active
                  )
                  THEN ',{"field":"active"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_34.short_name IS DISTINCT FROM revision_32.short_name
                  )
                  THEN ',{"field":"shortName"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_34.uscc IS DISTINCT FROM revision_32.uscc
                  )
                  THEN ',{"field":"uscc"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_34.contact_name IS DISTINCT FROM revision_32.contact_name
                  )
                  THEN ',{"field":"contactName"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_34.phone IS DISTINCT FROM revision_32.phone
                  )
                  THEN ',{"field":"phone"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_34.email IS DISTINCT FROM revision_32.email
                  )
                  THEN ',{"field":"email"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_34.address IS DISTINCT FROM revision_32.address
                  )
                  THEN ',{"field":"address"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_34.city IS DISTINCT FROM revision_32.city
                  )
                  THEN ',{"field":"city"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_34.country IS DISTINCT FROM revision_32.country
                  )
                  THEN ',{"field":"country"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_34.credit_limit IS DISTINCT FROM revision_32.credit_limit
                  )
                  THEN ',{"field":"creditLimit"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_34.payment_terms_days IS DISTINCT FROM revision_32.payment_terms_days
                  )
                  THEN ',{"field":"paymentTermsDays"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_34.sales_rep_id IS DISTINCT FROM revision_32.sales_rep_id
                  )
                  THEN ',{"field":"salesRep"}'
                  ELSE ''
                END FROM CAST($32 AS INT)) || ']'
              END || '}',
              ','
            
            ORDER BY
              revision_32.version DESC
          ),
          ''
        ) || ']' AS json
      FROM LATERAL (
        SELECT
          version_31.valid_from AS valid_from,
          version_31.valid_to AS valid_to,
          version_31.id AS id,
          version_31.version AS version,
          version_31.code AS code,
          version_31.name AS name,
          version_31.active AS active,
          version_31.short_name AS short_name,
          version_31.uscc AS uscc,
          version_31.contact_name AS contact_name,
          version_31.phone AS phone,
          version_31.email AS email,
          version_31.address AS address,
          version_31.city AS city,
          version_31.country AS country,
          version_31.credit_limit AS credit_limit,
          version_31.payment_terms_days AS payment_terms_days,
          version_31.sales_rep_id AS sales_rep_id,
          version_31.updated_by AS updated_by
        FROM (
          SELECT
            version_31_now.updated_at AS valid_from,
            CAST(NULL AS TIMESTAMPTZ) AS valid_to,
            version_31_now.id AS id,
            version_31_now.version AS version,
            version_31_now.code AS code,
            version_31_now.name AS name,
            version_31_now.active AS active,
            version_31_now.short_name AS short_name,
            version_31_now.uscc AS uscc,
            version_31_now.contact_name AS contact_name,
            version_31_now.phone AS phone,
            version_31_now.email AS email,
            version_31_now.address AS address,
            version_31_now.city AS city,
            version_31_now.country AS country,
            version_31_now.credit_limit AS credit_limit,
            version_31_now.payment_terms_days AS payment_terms_days,
            version_31_now.sales_rep_id AS sales_rep_id,
            version_31_now.updated_by AS updated_by
          FROM hub.customer AS version_31_now
          UNION ALL
          SELECT
            version_31_then.valid_from AS valid_from,
            version_31_then.valid_to AS valid_to,
            version_31_then.id AS id,
            version_31_then.version AS version,
            version_31_then.code AS code,
            version_31_then.name AS name,
            version_31_then.active AS active,
            version_31_then.short_name AS short_name,
            version_31_then.uscc AS uscc,
            version_31_then.contact_name AS contact_name,
            version_31_then.phone AS phone,
            version_31_then.email AS email,
            version_31_then.address AS address,
            version_31_then.city AS city,
            version_31_then.country AS country,
            version_31_then.credit_limit AS credit_limit,
            version_31_then.payment_terms_days AS payment_terms_days,
            version_31_then.sales_rep_id AS sales_rep_id,
            version_31_then.updated_by AS updated_by
          FROM history.customer AS version_31_then
        ) AS version_31
        WHERE
          version_31.id = row_30.id
        ORDER BY
          version_31.version DESC
        LIMIT 1
      ) AS revision_32
      LEFT OUTER JOIN LATERAL (
        SELECT
          former_33.id AS id,
          former_33.version AS version,
          former_33.code AS code,
          former_33.name AS name,
          former_33.active AS active,
          former_33.short_name AS short_name,
          former_33.uscc AS uscc,
          former_33.contact_name AS contact_name,
          former_33.phone AS phone,
          former_33.email AS email,
          former_33.address AS address,
          former_33.city AS city,
          former_33.country AS country,
          former_33.credit_limit AS credit_limit,
          former_33.payment_terms_days AS payment_terms_days,
          former_33.sales_rep_id AS sales_rep_id,
          former_33.updated_by AS updated_by
        FROM history.customer AS former_33
        WHERE
          revision_32.id = former_33.id AND revision_32.valid_from = former_33.valid_to
        LIMIT CAST($33 AS INT)
      ) AS before_34
        ON TRUE
    ) AS history_36
      ON TRUE
  ) || '}' AS answer
