SELECT
  '{"salesOrder":' || COALESCE(
    (
      SELECT
        '{"number":' || CAST(TO_JSON(sales_order_1.number) AS TEXT) || ',"history":' || history_31.json || '}' AS json
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
                      before_5.exchange_rate IS DISTINCT FROM revision_3.exchange_rate
                    )
                    THEN ',{"kind":"CHANGED","field":"exchangeRate","label":' || CAST($9 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE('"' || CAST(before_5.exchange_rate AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(revision_3.exchange_rate AS TEXT) || '"', 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.payment_terms_days IS DISTINCT FROM revision_3.payment_terms_days
                    )
                    THEN ',{"kind":"CHANGED","field":"paymentTermsDays","label":' || CAST($10 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(before_5.payment_terms_days AS TEXT), 'null') || ',"after":' || COALESCE(CAST(revision_3.payment_terms_days AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.ship_to IS DISTINCT FROM revision_3.ship_to
                    )
                    THEN ',{"kind":"CHANGED","field":"shipTo","label":' || CAST($11 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.ship_to) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.ship_to) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.freight IS DISTINCT FROM revision_3.freight
                    )
                    THEN ',{"kind":"CHANGED","field":"freight","label":' || CAST($12 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE('"' || CAST(before_5.freight AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(revision_3.freight AS TEXT) || '"', 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.release_reason IS DISTINCT FROM revision_3.release_reason
                    )
                    THEN ',{"kind":"CHANGED","field":"releaseReason","label":' || CAST($13 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.release_reason) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.release_reason) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.note IS DISTINCT FROM revision_3.note
                    )
                    THEN ',{"kind":"CHANGED","field":"note","label":' || CAST($14 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(CAST(TO_JSON(before_5.note) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(revision_3.note) AS TEXT), 'null') || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.customer_id IS DISTINCT FROM revision_3.customer_id
                    )
                    THEN ',{"kind":"CHANGED","field":"customer","label":' || CAST($15 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(
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
                    THEN ',{"kind":"CHANGED","field":"salesRep","label":' || CAST($16 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(
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
                    THEN ',{"kind":"CHANGED","field":"department","label":' || CAST($17 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(
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
                      before_5.price_list_id IS DISTINCT FROM revision_3.price_list_id
                    )
                    THEN ',{"kind":"CHANGED","field":"priceList","label":' || CAST($18 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(price_list_17.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(price_list_17.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(price_list_17.name) AS TEXT), 'null') || '}' AS joined_7
                        FROM hub.price_list AS price_list_17
                        WHERE
                          price_list_17.id = before_5.price_list_id
                          AND price_list_17.company_id = CAST($1 AS UUID)
                      ),
                      'null'
                    ) || ',"after":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(price_list_18.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(price_list_18.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(price_list_18.name) AS TEXT), 'null') || '}' AS joined_8
                        FROM hub.price_list AS price_list_18
                        WHERE
                          price_list_18.id = revision_3.price_list_id
                          AND price_list_18.company_id = CAST($1 AS UUID)
                      ),
                      'null'
                    ) || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.quotation_id IS DISTINCT FROM revision_3.quotation_id
                    )
                    THEN ',{"kind":"CHANGED","field":"quotation","label":' || CAST($19 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(quotation_19.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(quotation_19.number) AS TEXT), 'null') || ',"name":' || 'null' || '}' AS joined_9
                        FROM hub.quotation AS quotation_19
                        WHERE
                          quotation_19.id = before_5.quotation_id
                          AND quotation_19.company_id = CAST($1 AS UUID)
                      ),
                      'null'
                    ) || ',"after":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(quotation_20.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(quotation_20.number) AS TEXT), 'null') || ',"name":' || 'null' || '}' AS joined_10
                        FROM hub.quotation AS quotation_20
                        WHERE
                          quotation_20.id = revision_3.quotation_id
                          AND quotation_20.company_id = CAST($1 AS UUID)
                      ),
                      'null'
                    ) || '}'
                    ELSE ''
                  END || CASE
                    WHEN (
                      before_5.predecessor_id IS DISTINCT FROM revision_3.predecessor_id
                    )
                    THEN ',{"kind":"CHANGED","field":"predecessor","label":' || CAST($20 AS VARCHAR) || ',"list":null,"position":null,"before":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(sales_order_21.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(sales_order_21.number) AS TEXT), 'null') || ',"name":' || 'null' || '}' AS joined_11
                        FROM hub.sales_order AS sales_order_21
                        WHERE
                          sales_order_21.id = before_5.predecessor_id
                          AND sales_order_21.company_id = CAST($1 AS UUID)
                      ),
                      'null'
                    ) || ',"after":' || COALESCE(
                      (
                        SELECT
                          '{"id":"' || CAST(sales_order_22.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(sales_order_22.number) AS TEXT), 'null') || ',"name":' || 'null' || '}' AS joined_12
                        FROM hub.sales_order AS sales_order_22
                        WHERE
                          sales_order_22.id = revision_3.predecessor_id
                          AND sales_order_22.company_id = CAST($1 AS UUID)
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
                                ended_26.description IS DISTINCT FROM began_25.description
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_25.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_26.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"description","label":' || CAST($21 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_25.position, ended_26.position) AS TEXT) || ',"before":' || COALESCE(CAST(TO_JSON(ended_26.description) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(began_25.description) AS TEXT), 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_26.quantity IS DISTINCT FROM began_25.quantity
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_25.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_26.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"quantity","label":' || CAST($22 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_25.position, ended_26.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_26.quantity AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_25.quantity AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_26.unit_price IS DISTINCT FROM began_25.unit_price
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_25.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_26.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"unitPrice","label":' || CAST($23 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_25.position, ended_26.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_26.unit_price AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_25.unit_price AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_26.discount IS DISTINCT FROM began_25.discount
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_25.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_26.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"discount","label":' || CAST($24 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_25.position, ended_26.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_26.discount AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_25.discount AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_26.tax_rate IS DISTINCT FROM began_25.tax_rate
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_25.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_26.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"taxRate","label":' || CAST($25 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_25.position, ended_26.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_26.tax_rate AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_25.tax_rate AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_26.amount IS DISTINCT FROM began_25.amount
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_25.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_26.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"amount","label":' || CAST($26 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_25.position, ended_26.position) AS TEXT) || ',"before":' || COALESCE('"' || CAST(ended_26.amount AS TEXT) || '"', 'null') || ',"after":' || COALESCE('"' || CAST(began_25.amount AS TEXT) || '"', 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_26.promised_date IS DISTINCT FROM began_25.promised_date
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_25.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_26.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"promisedDate","label":' || CAST($27 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_25.position, ended_26.position) AS TEXT) || ',"before":' || COALESCE(CAST(TO_JSON(ended_26.promised_date) AS TEXT), 'null') || ',"after":' || COALESCE(CAST(TO_JSON(began_25.promised_date) AS TEXT), 'null') || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_26.item_id IS DISTINCT FROM began_25.item_id
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_25.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_26.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"item","label":' || CAST($28 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_25.position, ended_26.position) AS TEXT) || ',"before":' || COALESCE(
                                (
                                  SELECT
                                    '{"id":"' || CAST(item_27.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(item_27.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(item_27.name) AS TEXT), 'null') || '}' AS joined_13
                                  FROM hub.item AS item_27
                                  WHERE
                                    item_27.id = ended_26.item_id AND item_27.company_id = CAST($1 AS UUID)
                                ),
                                'null'
                              ) || ',"after":' || COALESCE(
                                (
                                  SELECT
                                    '{"id":"' || CAST(item_28.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(item_28.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(item_28.name) AS TEXT), 'null') || '}' AS joined_14
                                  FROM hub.item AS item_28
                                  WHERE
                                    item_28.id = began_25.item_id AND item_28.company_id = CAST($1 AS UUID)
                                ),
                                'null'
                              ) || '}'
                              ELSE ''
                            END || CASE
                              WHEN (
                                ended_26.unit_id IS DISTINCT FROM began_25.unit_id
                              )
                              THEN ',{"kind":' || CASE
                                WHEN (
                                  began_25.id IS NULL
                                )
                                THEN '"REMOVED"'
                                WHEN (
                                  ended_26.id IS NULL
                                )
                                THEN '"ADDED"'
                                ELSE '"CHANGED"'
                              END || ',"field":"unit","label":' || CAST($29 AS VARCHAR) || ',"list":"lines","position":' || CAST(COALESCE(began_25.position, ended_26.position) AS TEXT) || ',"before":' || COALESCE(
                                (
                                  SELECT
                                    '{"id":"' || CAST(unit_of_measure_29.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(unit_of_measure_29.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(unit_of_measure_29.name) AS TEXT), 'null') || '}' AS joined_15
                                  FROM hub.unit_of_measure AS unit_of_measure_29
                                  WHERE
                                    unit_of_measure_29.id = ended_26.unit_id
                                    AND unit_of_measure_29.company_id = CAST($1 AS UUID)
                                ),
                                'null'
                              ) || ',"after":' || COALESCE(
                                (
                                  SELECT
                                    '{"id":"' || CAST(unit_of_measure_30.id AS TEXT) || '","key":' || COALESCE(CAST(TO_JSON(unit_of_measure_30.code) AS TEXT), 'null') || ',"name":' || COALESCE(CAST(TO_JSON(unit_of_measure_30.name) AS TEXT), 'null') || '}' AS joined_16
                                  FROM hub.unit_of_measure AS unit_of_measure_30
                                  WHERE
                                    unit_of_measure_30.id = began_25.unit_id
                                    AND unit_of_measure_30.company_id = CAST($1 AS UUID)
                                ),
                                'null'
                              ) || '}'
                              ELSE ''
                            END,
                            ''
                          
                          ORDER BY
                            COALESCE(began_25.position, ended_26.position)
                        ) AS string_agg_1
                      FROM (
                        SELECT
                          line_23.valid_from AS valid_from,
                          line_23.valid_to AS valid_to,
                          line_23.id AS id,
                          line_23.version AS version,
                          line_23.position AS position,
                          line_23.description AS description,
                          line_23.quantity AS quantity,
                          line_23.unit_price AS unit_price,
                          line_23.discount AS discount,
                          line_23.tax_rate AS tax_rate,
                          line_23.amount AS amount,
                          line_23.promised_date AS promised_date,
                          line_23.sales_order_id AS sales_order_id,
                          line_23.item_id AS item_id,
                          line_23.unit_id AS unit_id,
                          line_23.updated_by AS updated_by
                        FROM (
                          SELECT
                            line_23_now.updated_at AS valid_from,
                            CAST(NULL AS TIMESTAMPTZ) AS valid_to,
                            line_23_now.id AS id,
                            line_23_now.version AS version,
                            line_23_now.position AS position,
                            line_23_now.description AS description,
                            line_23_now.quantity AS quantity,
                            line_23_now.unit_price AS unit_price,
                            line_23_now.discount AS discount,
                            line_23_now.tax_rate AS tax_rate,
                            line_23_now.amount AS amount,
                            line_23_now.promised_date AS promised_date,
                            line_23_now.sales_order_id AS sales_order_id,
                            line_23_now.item_id AS item_id,
                            line_23_now.unit_id AS unit_id,
                            line_23_now.updated_by AS updated_by
                          FROM hub.sales_order_line AS line_23_now
                          UNION ALL
                          SELECT
                            line_23_then.valid_from AS valid_from,
                            line_23_then.valid_to AS valid_to,
                            line_23_then.id AS id,
                            line_23_then.version AS version,
                            line_23_then.position AS position,
                            line_23_then.description AS description,
                            line_23_then.quantity AS quantity,
                            line_23_then.unit_price AS unit_price,
                            line_23_then.discount AS discount,
                            line_23_then.tax_rate AS tax_rate,
                            line_23_then.amount AS amount,
                            line_23_then.promised_date AS promised_date,
                            line_23_then.sales_order_id AS sales_order_id,
                            line_23_then.item_id AS item_id,
                            line_23_then.unit_id AS unit_id,
                            line_23_then.updated_by AS updated_by
                          FROM history.sales_order_line AS line_23_then
                        ) AS line_23
                        WHERE
                          line_23.sales_order_id = revision_3.id
                          AND line_23.valid_from = revision_3.valid_from
                      ) AS began_25
                      FULL OUTER JOIN (
                        SELECT
                          line_24.id AS id,
                          line_24.version AS version,
                          line_24.position AS position,
                          line_24.description AS description,
                          line_24.quantity AS quantity,
                          line_24.unit_price AS unit_price,
                          line_24.discount AS discount,
                          line_24.tax_rate AS tax_rate,
                          line_24.amount AS amount,
                          line_24.promised_date AS promised_date,
                          line_24.sales_order_id AS sales_order_id,
                          line_24.item_id AS item_id,
                          line_24.unit_id AS unit_id,
                          line_24.updated_by AS updated_by
                        FROM history.sales_order_line AS line_24
                        WHERE
                          revision_3.id = line_24.sales_order_id
                          AND revision_3.valid_from = line_24.valid_to
                      ) AS ended_26
                        ON began_25.id = ended_26.id
                    ),
                    ''
                  ) FROM CAST($30 AS INT)) || ']'
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
            version_2.exchange_rate AS exchange_rate,
            version_2.payment_terms_days AS payment_terms_days,
            version_2.ship_to AS ship_to,
            version_2.freight AS freight,
            version_2.release_reason AS release_reason,
            version_2.note AS note,
            version_2.customer_id AS customer_id,
            version_2.sales_rep_id AS sales_rep_id,
            version_2.department_id AS department_id,
            version_2.price_list_id AS price_list_id,
            version_2.quotation_id AS quotation_id,
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
              version_2_now.exchange_rate AS exchange_rate,
              version_2_now.payment_terms_days AS payment_terms_days,
              version_2_now.ship_to AS ship_to,
              version_2_now.freight AS freight,
              version_2_now.release_reason AS release_reason,
              version_2_now.note AS note,
              version_2_now.customer_id AS customer_id,
              version_2_now.sales_rep_id AS sales_rep_id,
              version_2_now.department_id AS department_id,
              version_2_now.price_list_id AS price_list_id,
              version_2_now.quotation_id AS quotation_id,
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
              version_2_then.exchange_rate AS exchange_rate,
              version_2_then.payment_terms_days AS payment_terms_days,
              version_2_then.ship_to AS ship_to,
              version_2_then.freight AS freight,
              version_2_then.release_reason AS release_reason,
              version_2_then.note AS note,
              version_2_then.customer_id AS customer_id,
              version_2_then.sales_rep_id AS sales_rep_id,
              version_2_then.department_id AS department_id,
              version_2_then.price_list_id AS price_list_id,
              version_2_then.quotation_id AS quotation_id,
              version_2_then.predecessor_id AS predecessor_id,
              version_2_then.updated_by AS updated_by
            FROM history.sales_order AS version_2_then
          ) AS version_2
          WHERE
            version_2.id = sales_order_1.id AND version_2.version < CAST($31 AS INT)
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
            former_4.exchange_rate AS exchange_rate,
            former_4.payment_terms_days AS payment_terms_days,
            former_4.ship_to AS ship_to,
            former_4.freight AS freight,
            former_4.release_reason AS release_reason,
            former_4.note AS note,
            former_4.customer_id AS customer_id,
            former_4.sales_rep_id AS sales_rep_id,
            former_4.department_id AS department_id,
            former_4.price_list_id AS price_list_id,
            former_4.quotation_id AS quotation_id,
            former_4.predecessor_id AS predecessor_id,
            former_4.updated_by AS updated_by
          FROM history.sales_order AS former_4
          WHERE
            revision_3.id = former_4.id AND revision_3.valid_from = former_4.valid_to
          LIMIT CAST($32 AS INT)
        ) AS before_5
          ON TRUE
        LEFT OUTER JOIN LATERAL (
          SELECT
            STRING_AGG(CAST(TO_JSON(entry_6.verb) AS TEXT), ','
            ORDER BY
              entry_6.id) AS verbs,
            STRING_AGG(
              
                COALESCE(CAST(CAST($33 AS VARCHAR) AS JSONB) ->> entry_6.verb, entry_6.verb),
                CAST($34 AS VARCHAR)
              
              ORDER BY
                entry_6.id
            ) AS label,
            MAX(entry_6.channel) AS channel,
            MAX(entry_6.actor) AS actor
          FROM audit.audit_entry AS entry_6
          WHERE
            entry_6.document_type = CAST($35 AS VARCHAR)
            AND (
              entry_6.document_id = revision_3.id OR entry_6.document_id IS NULL
            )
            AND entry_6.at = revision_3.valid_from
        ) AS audited_7
          ON TRUE
      ) AS history_31
        ON TRUE
      WHERE
        sales_order_1.number = CAST($36 AS VARCHAR)
        AND sales_order_1.company_id = CAST($1 AS UUID)
    ),
    'null'
  ) || ',"customers":' || (
    SELECT
      '{"nodes":' || '[' || COALESCE(
        STRING_AGG(
          
            '{"code":' || CAST(TO_JSON(row_34.code) AS TEXT) || ',"history":' || history_48.json || '}',
            ','
          
          ORDER BY
            row_34.n
        ),
        ''
      ) || ']' || '}' AS json
    FROM (
      SELECT
        page_33.id AS id,
        page_33.code AS code,
        ROW_NUMBER() OVER () AS n
      FROM (
        SELECT
          customer_32.id AS id,
          customer_32.code AS code
        FROM hub.customer AS customer_32
        WHERE
          customer_32.company_id = CAST($1 AS UUID)
        ORDER BY
          customer_32.name_pinyin ASC,
          customer_32.id ASC
        LIMIT 2
      ) AS page_33
    ) AS row_34
    LEFT OUTER JOIN LATERAL (
      SELECT
        '[' || COALESCE(
          STRING_AGG(
            
              '{"version":' || CAST(revision_36.version AS TEXT) || ',"until":' || COALESCE(
                CAST(TO_JSON(
                  COALESCE(
                    (
                      SELECT
                        MAX(UPPER(moment_39.during)) AS max_1
                      FROM audit.commit_moment AS moment_39
                      WHERE
                        (
                          moment_39.during @> revision_36.valid_to
                        )
                        AND LOWER(moment_39.during) = revision_36.valid_to
                    ),
                    revision_36.valid_to
                  )
                ) AS TEXT),
                'null'
              ) || ',"changes":' || CASE
                WHEN (
                  before_38.id IS NULL
                )
                THEN '[]'
                ELSE '[' || SUBSTRING(CASE
                  WHEN (
                    before_38.code IS DISTINCT FROM revision_36.code
                  )
                  THEN ',{"field":"code"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.name IS DISTINCT FROM revision_36.name
                  )
                  THEN ',{"field":"name"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.active IS DISTINCT FROM revision_36.active
                  )
                  THEN ',{"field":"active"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.short_name IS DISTINCT FROM revision_36.short_name
                  )
                  THEN ',{"field":"shortName"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.uscc IS DISTINCT FROM revision_36.uscc
                  )
                  THEN ',{"field":"uscc"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.tax_number IS DISTINCT FROM revision_36.tax_number
                  )
                  THEN ',{"field":"taxNumber"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.industry IS DISTINCT FROM revision_36.industry
                  )
                  THEN ',{"field":"industry"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.grade IS DISTINCT FROM revision_36.grade
                  )
                  THEN ',{"field":"grade"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.price_group IS DISTINCT FROM revision_36.price_group
                  )
                  THEN ',{"field":"priceGroup"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.currency IS DISTINCT FROM revision_36.currency
                  )
                  THEN ',{"field":"currency"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.contact_name IS DISTINCT FROM revision_36.contact_name
                  )
                  THEN ',{"field":"contactName"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.phone IS DISTINCT FROM revision_36.phone
                  )
                  THEN ',{"field":"phone"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.email IS DISTINCT FROM revision_36.email
                  )
                  THEN ',{"field":"email"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.address IS DISTINCT FROM revision_36.address
                  )
                  THEN ',{"field":"address"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.city IS DISTINCT FROM revision_36.city
                  )
                  THEN ',{"field":"city"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.country IS DISTINCT FROM revision_36.country
                  )
                  THEN ',{"field":"country"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.credit_limit IS DISTINCT FROM revision_36.credit_limit
                  )
                  THEN ',{"field":"creditLimit"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.payment_terms_days IS DISTINCT FROM revision_36.payment_terms_days
                  )
                  THEN ',{"field":"paymentTermsDays"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.bank_name IS DISTINCT FROM revision_36.bank_name
                  )
                  THEN ',{"field":"bankName"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    SPLIT_PART(before_38.bank_account, ':', 3) IS DISTINCT FROM SPLIT_PART(revision_36.bank_account, ':', 3)
                  )
                  THEN ',{"field":"bankAccount"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.since_date IS DISTINCT FROM revision_36.since_date
                  )
                  THEN ',{"field":"sinceDate"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.note IS DISTINCT FROM revision_36.note
                  )
                  THEN ',{"field":"note"}'
                  ELSE ''
                END || CASE
                  WHEN (
                    before_38.sales_rep_id IS DISTINCT FROM revision_36.sales_rep_id
                  )
                  THEN ',{"field":"salesRep"}'
                  ELSE ''
                END || COALESCE(
                  (
                    SELECT
                      STRING_AGG(
                        
                          CASE
                            WHEN (
                              ended_43.name IS DISTINCT FROM began_42.name
                            )
                            THEN ',{"field":"name"}'
                            ELSE ''
                          END || CASE
                            WHEN (
                              ended_43.job_title IS DISTINCT FROM began_42.job_title
                            )
                            THEN ',{"field":"jobTitle"}'
                            ELSE ''
                          END || CASE
                            WHEN (
                              ended_43.phone IS DISTINCT FROM began_42.phone
                            )
                            THEN ',{"field":"phone"}'
                            ELSE ''
                          END || CASE
                            WHEN (
                              ended_43.email IS DISTINCT FROM began_42.email
                            )
                            THEN ',{"field":"email"}'
                            ELSE ''
                          END || CASE
                            WHEN (
                              ended_43.main IS DISTINCT FROM began_42.main
                            )
                            THEN ',{"field":"main"}'
                            ELSE ''
                          END || CASE
                            WHEN (
                              ended_43.note IS DISTINCT FROM began_42.note
                            )
                            THEN ',{"field":"note"}'
                            ELSE ''
                          END,
                          ''
                        
                        ORDER BY
                          COALESCE(began_42.position, ended_43.position)
                      ) AS string_agg_2
                    FROM (
                      SELECT
                        line_40.valid_from AS valid_from,
                        line_40.valid_to AS valid_to,
                        line_40.id AS id,
                        line_40.version AS version,
                        line_40.position AS position,
                        line_40.name AS name,
                        line_40.job_title AS job_title,
                        line_40.phone AS phone,
                        line_40.email AS email,
                        line_40.main AS main,
                        line_40.note AS note,
                        line_40.customer_id AS customer_id,
                        line_40.updated_by AS updated_by
                      FROM (
                        SELECT
                          line_40_now.updated_at AS valid_from,
                          CAST(NULL AS TIMESTAMPTZ) AS valid_to,
                          line_40_now.id AS id,
                          line_40_now.version AS version,
                          line_40_now.position AS position,
                          line_40_now.name AS name,
                          line_40_now.job_title AS job_title,
                          line_40_now.phone AS phone,
                          line_40_now.email AS email,
                          line_40_now.main AS main,
                          line_40_now.note AS note,
                          line_40_now.customer_id AS customer_id,
                          line_40_now.updated_by AS updated_by
                        FROM hub.customer_contact AS line_40_now
                        UNION ALL
                        SELECT
                          line_40_then.valid_from AS valid_from,
                          line_40_then.valid_to AS valid_to,
                          line_40_then.id AS id,
                          line_40_then.version AS version,
                          line_40_then.position AS position,
                          line_40_then.name AS name,
                          line_40_then.job_title AS job_title,
                          line_40_then.phone AS phone,
                          line_40_then.email AS email,
                          line_40_then.main AS main,
                          line_40_then.note AS note,
                          line_40_then.customer_id AS customer_id,
                          line_40_then.updated_by AS updated_by
                        FROM history.customer_contact AS line_40_then
                      ) AS line_40
                      WHERE
                        line_40.customer_id = revision_36.id
                        AND line_40.valid_from = revision_36.valid_from
                    ) AS began_42
                    FULL OUTER JOIN (
                      SELECT
                        line_41.id AS id,
                        line_41.version AS version,
                        line_41.position AS position,
                        line_41.name AS name,
                        line_41.job_title AS job_title,
                        line_41.phone AS phone,
                        line_41.email AS email,
                        line_41.main AS main,
                        line_41.note AS note,
                        line_41.customer_id AS customer_id,
                        line_41.updated_by AS updated_by
                      FROM history.customer_contact AS line_41
                      WHERE
                        revision_36.id = line_41.customer_id
                        AND revision_36.valid_from = line_41.valid_to
                    ) AS ended_43
                      ON began_42.id = ended_43.id
                  ),
                  ''
                ) || COALESCE(
                  (
                    SELECT
                      STRING_AGG(
                        
                          CASE
                            WHEN (
                              ended_47.name IS DISTINCT FROM began_46.name
                            )
                            THEN ',{"field":"name"}'
                            ELSE ''
                          END || CASE
                            WHEN (
                              ended_47.kind IS DISTINCT FROM began_46.kind
                            )
                            THEN ',{"field":"kind"}'
                            ELSE ''
                          END || CASE
                            WHEN (
                              ended_47.country IS DISTINCT FROM began_46.country
                            )
                            THEN ',{"field":"country"}'
                            ELSE ''
                          END || CASE
                            WHEN (
                              ended_47.city IS DISTINCT FROM began_46.city
                            )
                            THEN ',{"field":"city"}'
                            ELSE ''
                          END || CASE
                            WHEN (
                              ended_47.address IS DISTINCT FROM began_46.address
                            )
                            THEN ',{"field":"address"}'
                            ELSE ''
                          END || CASE
                            WHEN (
                              ended_47.recipient IS DISTINCT FROM began_46.recipient
                            )
                            THEN ',{"field":"recipient"}'
                            ELSE ''
                          END || CASE
                            WHEN (
                              ended_47.phone IS DISTINCT FROM began_46.phone
                            )
                            THEN ',{"field":"phone"}'
                            ELSE ''
                          END || CASE
                            WHEN (
                              ended_47.main IS DISTINCT FROM began_46.main
                            )
                            THEN ',{"field":"main"}'
                            ELSE ''
                          END,
                          ''
                        
                        ORDER BY
                          COALESCE(began_46.position, ended_47.position)
                      ) AS string_agg_3
                    FROM (
                      SELECT
                        line_44.valid_from AS valid_from,
                        line_44.valid_to AS valid_to,
                        line_44.id AS id,
                        line_44.version AS version,
                        line_44.position AS position,
                        line_44.name AS name,
                        line_44.kind AS kind,
                        line_44.country AS country,
                        line_44.city AS city,
                        line_44.address AS address,
                        line_44.recipient AS recipient,
                        line_44.phone AS phone,
                        line_44.main AS main,
                        line_44.customer_id AS customer_id,
                        line_44.updated_by AS updated_by
                      FROM (
                        SELECT
                          line_44_now.updated_at AS valid_from,
                          CAST(NULL AS TIMESTAMPTZ) AS valid_to,
                          line_44_now.id AS id,
                          line_44_now.version AS version,
                          line_44_now.position AS position,
                          line_44_now.name AS name,
                          line_44_now.kind AS kind,
                          line_44_now.country AS country,
                          line_44_now.city AS city,
                          line_44_now.address AS address,
                          line_44_now.recipient AS recipient,
                          line_44_now.phone AS phone,
                          line_44_now.main AS main,
                          line_44_now.customer_id AS customer_id,
                          line_44_now.updated_by AS updated_by
                        FROM hub.customer_address AS line_44_now
                        UNION ALL
                        SELECT
                          line_44_then.valid_from AS valid_from,
                          line_44_then.valid_to AS valid_to,
                          line_44_then.id AS id,
                          line_44_then.version AS version,
                          line_44_then.position AS position,
                          line_44_then.name AS name,
                          line_44_then.kind AS kind,
                          line_44_then.country AS country,
                          line_44_then.city AS city,
                          line_44_then.address AS address,
                          line_44_then.recipient AS recipient,
                          line_44_then.phone AS phone,
                          line_44_then.main AS main,
                          line_44_then.customer_id AS customer_id,
                          line_44_then.updated_by AS updated_by
                        FROM history.customer_address AS line_44_then
                      ) AS line_44
                      WHERE
                        line_44.customer_id = revision_36.id
                        AND line_44.valid_from = revision_36.valid_from
                    ) AS began_46
                    FULL OUTER JOIN (
                      SELECT
                        line_45.id AS id,
                        line_45.version AS version,
                        line_45.position AS position,
                        line_45.name AS name,
                        line_45.kind AS kind,
                        line_45.country AS country,
                        line_45.city AS city,
                        line_45.address AS address,
                        line_45.recipient AS recipient,
                        line_45.phone AS phone,
                        line_45.main AS main,
                        line_45.customer_id AS customer_id,
                        line_45.updated_by AS updated_by
                      FROM history.customer_address AS line_45
                      WHERE
                        revision_36.id = line_45.customer_id
                        AND revision_36.valid_from = line_45.valid_to
                    ) AS ended_47
                      ON began_46.id = ended_47.id
                  ),
                  ''
                ) FROM CAST($37 AS INT)) || ']'
              END || '}',
              ','
            
            ORDER BY
              revision_36.version DESC
          ),
          ''
        ) || ']' AS json
      FROM LATERAL (
        SELECT
          version_35.valid_from AS valid_from,
          version_35.valid_to AS valid_to,
          version_35.id AS id,
          version_35.version AS version,
          version_35.code AS code,
          version_35.name AS name,
          version_35.active AS active,
          version_35.short_name AS short_name,
          version_35.uscc AS uscc,
          version_35.tax_number AS tax_number,
          version_35.industry AS industry,
          version_35.grade AS grade,
          version_35.price_group AS price_group,
          version_35.currency AS currency,
          version_35.contact_name AS contact_name,
          version_35.phone AS phone,
          version_35.email AS email,
          version_35.address AS address,
          version_35.city AS city,
          version_35.country AS country,
          version_35.credit_limit AS credit_limit,
          version_35.payment_terms_days AS payment_terms_days,
          version_35.bank_name AS bank_name,
          version_35.bank_account AS bank_account,
          version_35.since_date AS since_date,
          version_35.note AS note,
          version_35.sales_rep_id AS sales_rep_id,
          version_35.updated_by AS updated_by
        FROM (
          SELECT
            version_35_now.updated_at AS valid_from,
            CAST(NULL AS TIMESTAMPTZ) AS valid_to,
            version_35_now.id AS id,
            version_35_now.version AS version,
            version_35_now.code AS code,
            version_35_now.name AS name,
            version_35_now.active AS active,
            version_35_now.short_name AS short_name,
            version_35_now.uscc AS uscc,
            version_35_now.tax_number AS tax_number,
            version_35_now.industry AS industry,
            version_35_now.grade AS grade,
            version_35_now.price_group AS price_group,
            version_35_now.currency AS currency,
            version_35_now.contact_name AS contact_name,
            version_35_now.phone AS phone,
            version_35_now.email AS email,
            version_35_now.address AS address,
            version_35_now.city AS city,
            version_35_now.country AS country,
            version_35_now.credit_limit AS credit_limit,
            version_35_now.payment_terms_days AS payment_terms_days,
            version_35_now.bank_name AS bank_name,
            version_35_now.bank_account AS bank_account,
            version_35_now.since_date AS since_date,
            version_35_now.note AS note,
            version_35_now.sales_rep_id AS sales_rep_id,
            version_35_now.updated_by AS updated_by
          FROM hub.customer AS version_35_now
          UNION ALL
          SELECT
            version_35_then.valid_from AS valid_from,
            version_35_then.valid_to AS valid_to,
            version_35_then.id AS id,
            version_35_then.version AS version,
            version_35_then.code AS code,
            version_35_then.name AS name,
            version_35_then.active AS active,
            version_35_then.short_name AS short_name,
            version_35_then.uscc AS uscc,
            version_35_then.tax_number AS tax_number,
            version_35_then.industry AS industry,
            version_35_then.grade AS grade,
            version_35_then.price_group AS price_group,
            version_35_then.currency AS currency,
            version_35_then.contact_name AS contact_name,
            version_35_then.phone AS phone,
            version_35_then.email AS email,
            version_35_then.address AS address,
            version_35_then.city AS city,
            version_35_then.country AS country,
            version_35_then.credit_limit AS credit_limit,
            version_35_then.payment_terms_days AS payment_terms_days,
            version_35_then.bank_name AS bank_name,
            version_35_then.bank_account AS bank_account,
            version_35_then.since_date AS since_date,
            version_35_then.note AS note,
            version_35_then.sales_rep_id AS sales_rep_id,
            version_35_then.updated_by AS updated_by
          FROM history.customer AS version_35_then
        ) AS version_35
        WHERE
          version_35.id = row_34.id
        ORDER BY
          version_35.version DESC
        LIMIT 1
      ) AS revision_36
      LEFT OUTER JOIN LATERAL (
        SELECT
          former_37.id AS id,
          former_37.version AS version,
          former_37.code AS code,
          former_37.name AS name,
          former_37.active AS active,
          former_37.short_name AS short_name,
          former_37.uscc AS uscc,
          former_37.tax_number AS tax_number,
          former_37.industry AS industry,
          former_37.grade AS grade,
          former_37.price_group AS price_group,
          former_37.currency AS currency,
          former_37.contact_name AS contact_name,
          former_37.phone AS phone,
          former_37.email AS email,
          former_37.address AS address,
          former_37.city AS city,
          former_37.country AS country,
          former_37.credit_limit AS credit_limit,
          former_37.payment_terms_days AS payment_terms_days,
          former_37.bank_name AS bank_name,
          former_37.bank_account AS bank_account,
          former_37.since_date AS since_date,
          former_37.note AS note,
          former_37.sales_rep_id AS sales_rep_id,
          former_37.updated_by AS updated_by
        FROM history.customer AS former_37
        WHERE
          revision_36.id = former_37.id AND revision_36.valid_from = former_37.valid_to
        LIMIT CAST($38 AS INT)
      ) AS before_38
        ON TRUE
    ) AS history_48
      ON TRUE
  ) || '}' AS answer
