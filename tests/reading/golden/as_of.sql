WITH unfinished_1 AS (
  SELECT
    COALESCE(ARRAY_AGG(LOWER(audit.commit_moment.during)), CAST('{}' AS TIMESTAMPTZ[])) AS began,
    COALESCE(MIN(LOWER(audit.commit_moment.during)), CAST($2 AS TIMESTAMPTZ)) AS earliest
  FROM audit.commit_moment
  WHERE
    audit.commit_moment.during @> CAST($2 AS TIMESTAMPTZ)
)
SELECT
  '{"salesOrder":' || COALESCE(
    (
      SELECT
        '{"number":' || COALESCE(CAST(TO_JSON(sales_order_2.number) AS TEXT), 'null') || ',"total":' || COALESCE(
          '"' || CAST(CAST((
            SELECT
              COALESCE(SUM(sales_order_line_3.amount), CAST($1 AS INT)) AS coalesce_1
            FROM (
              SELECT
                sales_order_line_3_now.id AS id,
                sales_order_line_3_now.version AS version,
                sales_order_line_3_now.position AS position,
                sales_order_line_3_now.description AS description,
                sales_order_line_3_now.quantity AS quantity,
                sales_order_line_3_now.unit_price AS unit_price,
                sales_order_line_3_now.discount AS discount,
                sales_order_line_3_now.tax_rate AS tax_rate,
                sales_order_line_3_now.amount AS amount,
                sales_order_line_3_now.promised_date AS promised_date,
                sales_order_line_3_now.sales_order_id AS sales_order_id,
                sales_order_line_3_now.item_id AS item_id,
                sales_order_line_3_now.unit_id AS unit_id,
                sales_order_line_3_now.created_at AS created_at,
                sales_order_line_3_now.created_by AS created_by,
                sales_order_line_3_now.updated_at AS updated_at,
                sales_order_line_3_now.updated_by AS updated_by
              FROM hub.sales_order_line AS sales_order_line_3_now
              WHERE
                sales_order_line_3_now.updated_at <= CAST($2 AS TIMESTAMPTZ)
                AND NULLIF(
                  sales_order_line_3_now.updated_at = ANY(
                    CAST((
                      SELECT
                        unfinished_1.began
                      FROM unfinished_1
                    ) AS TIMESTAMPTZ[])
                  ),
                  TRUE
                ) IS NOT NULL
              UNION ALL
              SELECT
                sales_order_line_3_then.id AS id,
                sales_order_line_3_then.version AS version,
                sales_order_line_3_then.position AS position,
                sales_order_line_3_then.description AS description,
                sales_order_line_3_then.quantity AS quantity,
                sales_order_line_3_then.unit_price AS unit_price,
                sales_order_line_3_then.discount AS discount,
                sales_order_line_3_then.tax_rate AS tax_rate,
                sales_order_line_3_then.amount AS amount,
                sales_order_line_3_then.promised_date AS promised_date,
                sales_order_line_3_then.sales_order_id AS sales_order_id,
                sales_order_line_3_then.item_id AS item_id,
                sales_order_line_3_then.unit_id AS unit_id,
                sales_order_line_3_then.created_at AS created_at,
                sales_order_line_3_then.created_by AS created_by,
                sales_order_line_3_then.updated_at AS updated_at,
                sales_order_line_3_then.updated_by AS updated_by
              FROM history.sales_order_line AS sales_order_line_3_then
              WHERE
                sales_order_line_3_then.valid_from <= CAST($2 AS TIMESTAMPTZ)
                AND NULLIF(
                  sales_order_line_3_then.valid_from = ANY(
                    CAST((
                      SELECT
                        unfinished_1.began
                      FROM unfinished_1
                    ) AS TIMESTAMPTZ[])
                  ),
                  TRUE
                ) IS NOT NULL
                AND sales_order_line_3_then.valid_to >= (
                  SELECT
                    unfinished_1.earliest
                  FROM unfinished_1
                )
                AND (
                  sales_order_line_3_then.valid_to > CAST($2 AS TIMESTAMPTZ)
                  OR sales_order_line_3_then.valid_to = ANY(
                    CAST((
                      SELECT
                        unfinished_1.began
                      FROM unfinished_1
                    ) AS TIMESTAMPTZ[])
                  )
                )
            ) AS sales_order_line_3
            WHERE
              sales_order_line_3.sales_order_id = sales_order_2.id
          ) AS DECIMAL(38, 4)) AS TEXT) || '"',
          'null'
        ) || ',"customer":' || COALESCE(customer_5.json, 'null') || '}' AS json
      FROM (
        SELECT
          sales_order_2_now.id AS id,
          sales_order_2_now.company_id AS company_id,
          sales_order_2_now.version AS version,
          sales_order_2_now.number AS number,
          sales_order_2_now.state AS state,
          sales_order_2_now.customer_order_number AS customer_order_number,
          sales_order_2_now.order_date AS order_date,
          sales_order_2_now.promised_date AS promised_date,
          sales_order_2_now.currency AS currency,
          sales_order_2_now.exchange_rate AS exchange_rate,
          sales_order_2_now.payment_terms_days AS payment_terms_days,
          sales_order_2_now.ship_to AS ship_to,
          sales_order_2_now.freight AS freight,
          sales_order_2_now.release_reason AS release_reason,
          sales_order_2_now.note AS note,
          sales_order_2_now.customer_id AS customer_id,
          sales_order_2_now.sales_rep_id AS sales_rep_id,
          sales_order_2_now.department_id AS department_id,
          sales_order_2_now.price_list_id AS price_list_id,
          sales_order_2_now.quotation_id AS quotation_id,
          sales_order_2_now.predecessor_id AS predecessor_id,
          sales_order_2_now.extra AS extra,
          sales_order_2_now.created_at AS created_at,
          sales_order_2_now.created_by AS created_by,
          sales_order_2_now.updated_at AS updated_at,
          sales_order_2_now.updated_by AS updated_by
        FROM hub.sales_order AS sales_order_2_now
        WHERE
          sales_order_2_now.updated_at <= CAST($2 AS TIMESTAMPTZ)
          AND NULLIF(
            sales_order_2_now.updated_at = ANY(
              CAST((
                SELECT
                  unfinished_1.began
                FROM unfinished_1
              ) AS TIMESTAMPTZ[])
            ),
            TRUE
          ) IS NOT NULL
        UNION ALL
        SELECT
          sales_order_2_then.id AS id,
          sales_order_2_then.company_id AS company_id,
          sales_order_2_then.version AS version,
          sales_order_2_then.number AS number,
          sales_order_2_then.state AS state,
          sales_order_2_then.customer_order_number AS customer_order_number,
          sales_order_2_then.order_date AS order_date,
          sales_order_2_then.promised_date AS promised_date,
          sales_order_2_then.currency AS currency,
          sales_order_2_then.exchange_rate AS exchange_rate,
          sales_order_2_then.payment_terms_days AS payment_terms_days,
          sales_order_2_then.ship_to AS ship_to,
          sales_order_2_then.freight AS freight,
          sales_order_2_then.release_reason AS release_reason,
          sales_order_2_then.note AS note,
          sales_order_2_then.customer_id AS customer_id,
          sales_order_2_then.sales_rep_id AS sales_rep_id,
          sales_order_2_then.department_id AS department_id,
          sales_order_2_then.price_list_id AS price_list_id,
          sales_order_2_then.quotation_id AS quotation_id,
          sales_order_2_then.predecessor_id AS predecessor_id,
          sales_order_2_then.extra AS extra,
          sales_order_2_then.created_at AS created_at,
          sales_order_2_then.created_by AS created_by,
          sales_order_2_then.updated_at AS updated_at,
          sales_order_2_then.updated_by AS updated_by
        FROM history.sales_order AS sales_order_2_then
        WHERE
          sales_order_2_then.valid_from <= CAST($2 AS TIMESTAMPTZ)
          AND NULLIF(
            sales_order_2_then.valid_from = ANY(
              CAST((
                SELECT
                  unfinished_1.began
                FROM unfinished_1
              ) AS TIMESTAMPTZ[])
            ),
            TRUE
          ) IS NOT NULL
          AND sales_order_2_then.valid_to >= (
            SELECT
              unfinished_1.earliest
            FROM unfinished_1
          )
          AND (
            sales_order_2_then.valid_to > CAST($2 AS TIMESTAMPTZ)
            OR sales_order_2_then.valid_to = ANY(
              CAST((
                SELECT
                  unfinished_1.began
                FROM unfinished_1
              ) AS TIMESTAMPTZ[])
            )
          )
      ) AS sales_order_2
      LEFT OUTER JOIN LATERAL (
        SELECT
          '{"name":' || COALESCE(CAST(TO_JSON(customer_4.name) AS TEXT), 'null') || '}' AS json
        FROM (
          SELECT
            customer_4_now.id AS id,
            customer_4_now.company_id AS company_id,
            customer_4_now.version AS version,
            customer_4_now.code AS code,
            customer_4_now.name AS name,
            customer_4_now.name_pinyin AS name_pinyin,
            customer_4_now.active AS active,
            customer_4_now.short_name AS short_name,
            customer_4_now.short_name_pinyin AS short_name_pinyin,
            customer_4_now.uscc AS uscc,
            customer_4_now.tax_number AS tax_number,
            customer_4_now.industry AS industry,
            customer_4_now.grade AS grade,
            customer_4_now.price_group AS price_group,
            customer_4_now.currency AS currency,
            customer_4_now.contact_name AS contact_name,
            customer_4_now.phone AS phone,
            customer_4_now.email AS email,
            customer_4_now.address AS address,
            customer_4_now.city AS city,
            customer_4_now.country AS country,
            customer_4_now.credit_limit AS credit_limit,
            customer_4_now.payment_terms_days AS payment_terms_days,
            customer_4_now.bank_name AS bank_name,
            customer_4_now.bank_account AS bank_account,
            customer_4_now.since_date AS since_date,
            customer_4_now.note AS note,
            customer_4_now.sales_rep_id AS sales_rep_id,
            customer_4_now.extra AS extra,
            customer_4_now.created_at AS created_at,
            customer_4_now.created_by AS created_by,
            customer_4_now.updated_at AS updated_at,
            customer_4_now.updated_by AS updated_by
          FROM hub.customer AS customer_4_now
          WHERE
            customer_4_now.updated_at <= CAST($2 AS TIMESTAMPTZ)
            AND NULLIF(
              customer_4_now.updated_at = ANY(
                CAST((
                  SELECT
                    unfinished_1.began
                  FROM unfinished_1
                ) AS TIMESTAMPTZ[])
              ),
              TRUE
            ) IS NOT NULL
          UNION ALL
          SELECT
            customer_4_then.id AS id,
            customer_4_then.company_id AS company_id,
            customer_4_then.version AS version,
            customer_4_then.code AS code,
            customer_4_then.name AS name,
            customer_4_then.name_pinyin AS name_pinyin,
            customer_4_then.active AS active,
            customer_4_then.short_name AS short_name,
            customer_4_then.short_name_pinyin AS short_name_pinyin,
            customer_4_then.uscc AS uscc,
            customer_4_then.tax_number AS tax_number,
            customer_4_then.industry AS industry,
            customer_4_then.grade AS grade,
            customer_4_then.price_group AS price_group,
            customer_4_then.currency AS currency,
            customer_4_then.contact_name AS contact_name,
            customer_4_then.phone AS phone,
            customer_4_then.email AS email,
            customer_4_then.address AS address,
            customer_4_then.city AS city,
            customer_4_then.country AS country,
            customer_4_then.credit_limit AS credit_limit,
            customer_4_then.payment_terms_days AS payment_terms_days,
            customer_4_then.bank_name AS bank_name,
            customer_4_then.bank_account AS bank_account,
            customer_4_then.since_date AS since_date,
            customer_4_then.note AS note,
            customer_4_then.sales_rep_id AS sales_rep_id,
            customer_4_then.extra AS extra,
            customer_4_then.created_at AS created_at,
            customer_4_then.created_by AS created_by,
            customer_4_then.updated_at AS updated_at,
            customer_4_then.updated_by AS updated_by
          FROM history.customer AS customer_4_then
          WHERE
            customer_4_then.valid_from <= CAST($2 AS TIMESTAMPTZ)
            AND NULLIF(
              customer_4_then.valid_from = ANY(
                CAST((
                  SELECT
                    unfinished_1.began
                  FROM unfinished_1
                ) AS TIMESTAMPTZ[])
              ),
              TRUE
            ) IS NOT NULL
            AND customer_4_then.valid_to >= (
              SELECT
                unfinished_1.earliest
              FROM unfinished_1
            )
            AND (
              customer_4_then.valid_to > CAST($2 AS TIMESTAMPTZ)
              OR customer_4_then.valid_to = ANY(
                CAST((
                  SELECT
                    unfinished_1.began
                  FROM unfinished_1
                ) AS TIMESTAMPTZ[])
              )
            )
        ) AS customer_4
        WHERE
          customer_4.id = sales_order_2.customer_id
          AND customer_4.company_id = CAST($3 AS UUID)
      ) AS customer_5
        ON TRUE
      WHERE
        sales_order_2.number = CAST($4 AS VARCHAR)
        AND sales_order_2.company_id = CAST($3 AS UUID)
    ),
    'null'
  ) || ',"salesOrders":' || (
    SELECT
      '{"totalCount":' || CAST((
        SELECT
          COUNT(*) AS count_1
        FROM (
          SELECT
            sales_order_10_now.id AS id,
            sales_order_10_now.company_id AS company_id,
            sales_order_10_now.version AS version,
            sales_order_10_now.number AS number,
            sales_order_10_now.state AS state,
            sales_order_10_now.customer_order_number AS customer_order_number,
            sales_order_10_now.order_date AS order_date,
            sales_order_10_now.promised_date AS promised_date,
            sales_order_10_now.currency AS currency,
            sales_order_10_now.exchange_rate AS exchange_rate,
            sales_order_10_now.payment_terms_days AS payment_terms_days,
            sales_order_10_now.ship_to AS ship_to,
            sales_order_10_now.freight AS freight,
            sales_order_10_now.release_reason AS release_reason,
            sales_order_10_now.note AS note,
            sales_order_10_now.customer_id AS customer_id,
            sales_order_10_now.sales_rep_id AS sales_rep_id,
            sales_order_10_now.department_id AS department_id,
            sales_order_10_now.price_list_id AS price_list_id,
            sales_order_10_now.quotation_id AS quotation_id,
            sales_order_10_now.predecessor_id AS predecessor_id,
            sales_order_10_now.extra AS extra,
            sales_order_10_now.created_at AS created_at,
            sales_order_10_now.created_by AS created_by,
            sales_order_10_now.updated_at AS updated_at,
            sales_order_10_now.updated_by AS updated_by
          FROM hub.sales_order AS sales_order_10_now
          WHERE
            sales_order_10_now.updated_at <= CAST($2 AS TIMESTAMPTZ)
            AND NULLIF(
              sales_order_10_now.updated_at = ANY(
                CAST((
                  SELECT
                    unfinished_1.began
                  FROM unfinished_1
                ) AS TIMESTAMPTZ[])
              ),
              TRUE
            ) IS NOT NULL
          UNION ALL
          SELECT
            sales_order_10_then.id AS id,
            sales_order_10_then.company_id AS company_id,
            sales_order_10_then.version AS version,
            sales_order_10_then.number AS number,
            sales_order_10_then.state AS state,
            sales_order_10_then.customer_order_number AS customer_order_number,
            sales_order_10_then.order_date AS order_date,
            sales_order_10_then.promised_date AS promised_date,
            sales_order_10_then.currency AS currency,
            sales_order_10_then.exchange_rate AS exchange_rate,
            sales_order_10_then.payment_terms_days AS payment_terms_days,
            sales_order_10_then.ship_to AS ship_to,
            sales_order_10_then.freight AS freight,
            sales_order_10_then.release_reason AS release_reason,
            sales_order_10_then.note AS note,
            sales_order_10_then.customer_id AS customer_id,
            sales_order_10_then.sales_rep_id AS sales_rep_id,
            sales_order_10_then.department_id AS department_id,
            sales_order_10_then.price_list_id AS price_list_id,
            sales_order_10_then.quotation_id AS quotation_id,
            sales_order_10_then.predecessor_id AS predecessor_id,
            sales_order_10_then.extra AS extra,
            sales_order_10_then.created_at AS created_at,
            sales_order_10_then.created_by AS created_by,
            sales_order_10_then.updated_at AS updated_at,
            sales_order_10_then.updated_by AS updated_by
          FROM history.sales_order AS sales_order_10_then
          WHERE
            sales_order_10_then.valid_from <= CAST($2 AS TIMESTAMPTZ)
            AND NULLIF(
              sales_order_10_then.valid_from = ANY(
                CAST((
                  SELECT
                    unfinished_1.began
                  FROM unfinished_1
                ) AS TIMESTAMPTZ[])
              ),
              TRUE
            ) IS NOT NULL
            AND sales_order_10_then.valid_to >= (
              SELECT
                unfinished_1.earliest
              FROM unfinished_1
            )
            AND (
              sales_order_10_then.valid_to > CAST($2 AS TIMESTAMPTZ)
              OR sales_order_10_then.valid_to = ANY(
                CAST((
                  SELECT
                    unfinished_1.began
                  FROM unfinished_1
                ) AS TIMESTAMPTZ[])
              )
            )
        ) AS sales_order_10
        WHERE
          sales_order_10.company_id = CAST($3 AS UUID)
          AND (
            EXISTS(
              SELECT
                *
              FROM (
                SELECT
                  sales_order_line_11_now.id AS id,
                  sales_order_line_11_now.version AS version,
                  sales_order_line_11_now.position AS position,
                  sales_order_line_11_now.description AS description,
                  sales_order_line_11_now.quantity AS quantity,
                  sales_order_line_11_now.unit_price AS unit_price,
                  sales_order_line_11_now.discount AS discount,
                  sales_order_line_11_now.tax_rate AS tax_rate,
                  sales_order_line_11_now.amount AS amount,
                  sales_order_line_11_now.promised_date AS promised_date,
                  sales_order_line_11_now.sales_order_id AS sales_order_id,
                  sales_order_line_11_now.item_id AS item_id,
                  sales_order_line_11_now.unit_id AS unit_id,
                  sales_order_line_11_now.created_at AS created_at,
                  sales_order_line_11_now.created_by AS created_by,
                  sales_order_line_11_now.updated_at AS updated_at,
                  sales_order_line_11_now.updated_by AS updated_by
                FROM hub.sales_order_line AS sales_order_line_11_now
                WHERE
                  sales_order_line_11_now.updated_at <= CAST($2 AS TIMESTAMPTZ)
                  AND NULLIF(
                    sales_order_line_11_now.updated_at = ANY(
                      CAST((
                        SELECT
                          unfinished_1.began
                        FROM unfinished_1
                      ) AS TIMESTAMPTZ[])
                    ),
                    TRUE
                  ) IS NOT NULL
                UNION ALL
                SELECT
                  sales_order_line_11_then.id AS id,
                  sales_order_line_11_then.version AS version,
                  sales_order_line_11_then.position AS position,
                  sales_order_line_11_then.description AS description,
                  sales_order_line_11_then.quantity AS quantity,
                  sales_order_line_11_then.unit_price AS unit_price,
                  sales_order_line_11_then.discount AS discount,
                  sales_order_line_11_then.tax_rate AS tax_rate,
                  sales_order_line_11_then.amount AS amount,
                  sales_order_line_11_then.promised_date AS promised_date,
                  sales_order_line_11_then.sales_order_id AS sales_order_id,
                  sales_order_line_11_then.item_id AS item_id,
                  sales_order_line_11_then.unit_id AS unit_id,
                  sales_order_line_11_then.created_at AS created_at,
                  sales_order_line_11_then.created_by AS created_by,
                  sales_order_line_11_then.updated_at AS updated_at,
                  sales_order_line_11_then.updated_by AS updated_by
                FROM history.sales_order_line AS sales_order_line_11_then
                WHERE
                  sales_order_line_11_then.valid_from <= CAST($2 AS TIMESTAMPTZ)
                  AND NULLIF(
                    sales_order_line_11_then.valid_from = ANY(
                      CAST((
                        SELECT
                          unfinished_1.began
                        FROM unfinished_1
                      ) AS TIMESTAMPTZ[])
                    ),
                    TRUE
                  ) IS NOT NULL
                  AND sales_order_line_11_then.valid_to >= (
                    SELECT
                      unfinished_1.earliest
                    FROM unfinished_1
                  )
                  AND (
                    sales_order_line_11_then.valid_to > CAST($2 AS TIMESTAMPTZ)
                    OR sales_order_line_11_then.valid_to = ANY(
                      CAST((
                        SELECT
                          unfinished_1.began
                        FROM unfinished_1
                      ) AS TIMESTAMPTZ[])
                    )
                  )
              ) AS sales_order_line_11
              WHERE
                sales_order_line_11.sales_order_id = sales_order_10.id
                AND sales_order_line_11.quantity > CAST($5 AS DECIMAL)
            )
          )
      ) AS TEXT) || ',"nodes":' || '[' || COALESCE(
        STRING_AGG(
          
            '{"number":' || COALESCE(CAST(TO_JSON(row_9.number) AS TEXT), 'null') || ',"lines":' || lines_13.json || '}',
            ','
          
          ORDER BY
            row_9.n
        ),
        ''
      ) || ']' || '}' AS json
    FROM (
      SELECT
        page_8.id AS id,
        page_8.number AS number,
        ROW_NUMBER() OVER () AS n
      FROM (
        SELECT
          sales_order_6.id AS id,
          sales_order_6.number AS number
        FROM (
          SELECT
            sales_order_6_now.id AS id,
            sales_order_6_now.company_id AS company_id,
            sales_order_6_now.version AS version,
            sales_order_6_now.number AS number,
            sales_order_6_now.state AS state,
            sales_order_6_now.customer_order_number AS customer_order_number,
            sales_order_6_now.order_date AS order_date,
            sales_order_6_now.promised_date AS promised_date,
            sales_order_6_now.currency AS currency,
            sales_order_6_now.exchange_rate AS exchange_rate,
            sales_order_6_now.payment_terms_days AS payment_terms_days,
            sales_order_6_now.ship_to AS ship_to,
            sales_order_6_now.freight AS freight,
            sales_order_6_now.release_reason AS release_reason,
            sales_order_6_now.note AS note,
            sales_order_6_now.customer_id AS customer_id,
            sales_order_6_now.sales_rep_id AS sales_rep_id,
            sales_order_6_now.department_id AS department_id,
            sales_order_6_now.price_list_id AS price_list_id,
            sales_order_6_now.quotation_id AS quotation_id,
            sales_order_6_now.predecessor_id AS predecessor_id,
            sales_order_6_now.extra AS extra,
            sales_order_6_now.created_at AS created_at,
            sales_order_6_now.created_by AS created_by,
            sales_order_6_now.updated_at AS updated_at,
            sales_order_6_now.updated_by AS updated_by
          FROM hub.sales_order AS sales_order_6_now
          WHERE
            sales_order_6_now.updated_at <= CAST($2 AS TIMESTAMPTZ)
            AND NULLIF(
              sales_order_6_now.updated_at = ANY(
                CAST((
                  SELECT
                    unfinished_1.began
                  FROM unfinished_1
                ) AS TIMESTAMPTZ[])
              ),
              TRUE
            ) IS NOT NULL
          UNION ALL
          SELECT
            sales_order_6_then.id AS id,
            sales_order_6_then.company_id AS company_id,
            sales_order_6_then.version AS version,
            sales_order_6_then.number AS number,
            sales_order_6_then.state AS state,
            sales_order_6_then.customer_order_number AS customer_order_number,
            sales_order_6_then.order_date AS order_date,
            sales_order_6_then.promised_date AS promised_date,
            sales_order_6_then.currency AS currency,
            sales_order_6_then.exchange_rate AS exchange_rate,
            sales_order_6_then.payment_terms_days AS payment_terms_days,
            sales_order_6_then.ship_to AS ship_to,
            sales_order_6_then.freight AS freight,
            sales_order_6_then.release_reason AS release_reason,
            sales_order_6_then.note AS note,
            sales_order_6_then.customer_id AS customer_id,
            sales_order_6_then.sales_rep_id AS sales_rep_id,
            sales_order_6_then.department_id AS department_id,
            sales_order_6_then.price_list_id AS price_list_id,
            sales_order_6_then.quotation_id AS quotation_id,
            sales_order_6_then.predecessor_id AS predecessor_id,
            sales_order_6_then.extra AS extra,
            sales_order_6_then.created_at AS created_at,
            sales_order_6_then.created_by AS created_by,
            sales_order_6_then.updated_at AS updated_at,
            sales_order_6_then.updated_by AS updated_by
          FROM history.sales_order AS sales_order_6_then
          WHERE
            sales_order_6_then.valid_from <= CAST($2 AS TIMESTAMPTZ)
            AND NULLIF(
              sales_order_6_then.valid_from = ANY(
                CAST((
                  SELECT
                    unfinished_1.began
                  FROM unfinished_1
                ) AS TIMESTAMPTZ[])
              ),
              TRUE
            ) IS NOT NULL
            AND sales_order_6_then.valid_to >= (
              SELECT
                unfinished_1.earliest
              FROM unfinished_1
            )
            AND (
              sales_order_6_then.valid_to > CAST($2 AS TIMESTAMPTZ)
              OR sales_order_6_then.valid_to = ANY(
                CAST((
                  SELECT
                    unfinished_1.began
                  FROM unfinished_1
                ) AS TIMESTAMPTZ[])
              )
            )
        ) AS sales_order_6
        WHERE
          sales_order_6.company_id = CAST($3 AS UUID)
          AND (
            EXISTS(
              SELECT
                *
              FROM (
                SELECT
                  sales_order_line_7_now.id AS id,
                  sales_order_line_7_now.version AS version,
                  sales_order_line_7_now.position AS position,
                  sales_order_line_7_now.description AS description,
                  sales_order_line_7_now.quantity AS quantity,
                  sales_order_line_7_now.unit_price AS unit_price,
                  sales_order_line_7_now.discount AS discount,
                  sales_order_line_7_now.tax_rate AS tax_rate,
                  sales_order_line_7_now.amount AS amount,
                  sales_order_line_7_now.promised_date AS promised_date,
                  sales_order_line_7_now.sales_order_id AS sales_order_id,
                  sales_order_line_7_now.item_id AS item_id,
                  sales_order_line_7_now.unit_id AS unit_id,
                  sales_order_line_7_now.created_at AS created_at,
                  sales_order_line_7_now.created_by AS created_by,
                  sales_order_line_7_now.updated_at AS updated_at,
                  sales_order_line_7_now.updated_by AS updated_by
                FROM hub.sales_order_line AS sales_order_line_7_now
                WHERE
                  sales_order_line_7_now.updated_at <= CAST($2 AS TIMESTAMPTZ)
                  AND NULLIF(
                    sales_order_line_7_now.updated_at = ANY(
                      CAST((
                        SELECT
                          unfinished_1.began
                        FROM unfinished_1
                      ) AS TIMESTAMPTZ[])
                    ),
                    TRUE
                  ) IS NOT NULL
                UNION ALL
                SELECT
                  sales_order_line_7_then.id AS id,
                  sales_order_line_7_then.version AS version,
                  sales_order_line_7_then.position AS position,
                  sales_order_line_7_then.description AS description,
                  sales_order_line_7_then.quantity AS quantity,
                  sales_order_line_7_then.unit_price AS unit_price,
                  sales_order_line_7_then.discount AS discount,
                  sales_order_line_7_then.tax_rate AS tax_rate,
                  sales_order_line_7_then.amount AS amount,
                  sales_order_line_7_then.promised_date AS promised_date,
                  sales_order_line_7_then.sales_order_id AS sales_order_id,
                  sales_order_line_7_then.item_id AS item_id,
                  sales_order_line_7_then.unit_id AS unit_id,
                  sales_order_line_7_then.created_at AS created_at,
                  sales_order_line_7_then.created_by AS created_by,
                  sales_order_line_7_then.updated_at AS updated_at,
                  sales_order_line_7_then.updated_by AS updated_by
                FROM history.sales_order_line AS sales_order_line_7_then
                WHERE
                  sales_order_line_7_then.valid_from <= CAST($2 AS TIMESTAMPTZ)
                  AND NULLIF(
                    sales_order_line_7_then.valid_from = ANY(
                      CAST((
                        SELECT
                          unfinished_1.began
                        FROM unfinished_1
                      ) AS TIMESTAMPTZ[])
                    ),
                    TRUE
                  ) IS NOT NULL
                  AND sales_order_line_7_then.valid_to >= (
                    SELECT
                      unfinished_1.earliest
                    FROM unfinished_1
                  )
                  AND (
                    sales_order_line_7_then.valid_to > CAST($2 AS TIMESTAMPTZ)
                    OR sales_order_line_7_then.valid_to = ANY(
                      CAST((
                        SELECT
                          unfinished_1.began
                        FROM unfinished_1
                      ) AS TIMESTAMPTZ[])
                    )
                  )
              ) AS sales_order_line_7
              WHERE
                sales_order_line_7.sales_order_id = sales_order_6.id
                AND sales_order_line_7.quantity > CAST($6 AS DECIMAL)
            )
          )
        ORDER BY
          sales_order_6.number DESC
        LIMIT 50
      ) AS page_8
    ) AS row_9
    LEFT OUTER JOIN LATERAL (
      SELECT
        '[' || COALESCE(
          STRING_AGG(
            
              '{"quantity":' || COALESCE('"' || CAST(sales_order_line_12.quantity AS TEXT) || '"', 'null') || '}',
              ','
            
            ORDER BY
              sales_order_line_12.position ASC
          ),
          ''
        ) || ']' AS json
      FROM (
        SELECT
          sales_order_line_12_now.id AS id,
          sales_order_line_12_now.version AS version,
          sales_order_line_12_now.position AS position,
          sales_order_line_12_now.description AS description,
          sales_order_line_12_now.quantity AS quantity,
          sales_order_line_12_now.unit_price AS unit_price,
          sales_order_line_12_now.discount AS discount,
          sales_order_line_12_now.tax_rate AS tax_rate,
          sales_order_line_12_now.amount AS amount,
          sales_order_line_12_now.promised_date AS promised_date,
          sales_order_line_12_now.sales_order_id AS sales_order_id,
          sales_order_line_12_now.item_id AS item_id,
          sales_order_line_12_now.unit_id AS unit_id,
          sales_order_line_12_now.created_at AS created_at,
          sales_order_line_12_now.created_by AS created_by,
          sales_order_line_12_now.updated_at AS updated_at,
          sales_order_line_12_now.updated_by AS updated_by
        FROM hub.sales_order_line AS sales_order_line_12_now
        WHERE
          sales_order_line_12_now.updated_at <= CAST($2 AS TIMESTAMPTZ)
          AND NULLIF(
            sales_order_line_12_now.updated_at = ANY(
              CAST((
                SELECT
                  unfinished_1.began
                FROM unfinished_1
              ) AS TIMESTAMPTZ[])
            ),
            TRUE
          ) IS NOT NULL
        UNION ALL
        SELECT
          sales_order_line_12_then.id AS id,
          sales_order_line_12_then.version AS version,
          sales_order_line_12_then.position AS position,
          sales_order_line_12_then.description AS description,
          sales_order_line_12_then.quantity AS quantity,
          sales_order_line_12_then.unit_price AS unit_price,
          sales_order_line_12_then.discount AS discount,
          sales_order_line_12_then.tax_rate AS tax_rate,
          sales_order_line_12_then.amount AS amount,
          sales_order_line_12_then.promised_date AS promised_date,
          sales_order_line_12_then.sales_order_id AS sales_order_id,
          sales_order_line_12_then.item_id AS item_id,
          sales_order_line_12_then.unit_id AS unit_id,
          sales_order_line_12_then.created_at AS created_at,
          sales_order_line_12_then.created_by AS created_by,
          sales_order_line_12_then.updated_at AS updated_at,
          sales_order_line_12_then.updated_by AS updated_by
        FROM history.sales_order_line AS sales_order_line_12_then
        WHERE
          sales_order_line_12_then.valid_from <= CAST($2 AS TIMESTAMPTZ)
          AND NULLIF(
            sales_order_line_12_then.valid_from = ANY(
              CAST((
                SELECT
                  unfinished_1.began
                FROM unfinished_1
              ) AS TIMESTAMPTZ[])
            ),
            TRUE
          ) IS NOT NULL
          AND sales_order_line_12_then.valid_to >= (
            SELECT
              unfinished_1.earliest
            FROM unfinished_1
          )
          AND (
            sales_order_line_12_then.valid_to > CAST($2 AS TIMESTAMPTZ)
            OR sales_order_line_12_then.valid_to = ANY(
              CAST((
                SELECT
                  unfinished_1.began
                FROM unfinished_1
              ) AS TIMESTAMPTZ[])
            )
          )
      ) AS sales_order_line_12
      WHERE
        sales_order_line_12.sales_order_id = row_9.id
    ) AS lines_13
      ON TRUE
  ) || ',"stockEntries":' || (
    SELECT
      '{"totalCount":' || CAST((
        SELECT
          COUNT(*) AS count_2
        FROM (
          SELECT
            stock_entry_14_now.id AS id,
            stock_entry_14_now.company_id AS company_id,
            stock_entry_14_now.entry_at AS entry_at,
            stock_entry_14_now.lot AS lot,
            stock_entry_14_now.serial AS serial,
            stock_entry_14_now.status AS status,
            stock_entry_14_now.quantity AS quantity,
            stock_entry_14_now.kind AS kind,
            stock_entry_14_now.document_type AS document_type,
            stock_entry_14_now.document_number AS document_number,
            stock_entry_14_now.line_position AS line_position,
            stock_entry_14_now.note AS note,
            stock_entry_14_now.item_id AS item_id,
            stock_entry_14_now.warehouse_id AS warehouse_id,
            stock_entry_14_now.location_id AS location_id,
            stock_entry_14_now.recorded_at AS recorded_at,
            stock_entry_14_now.recorded_by AS recorded_by
          FROM hub.stock_entry AS stock_entry_14_now
          WHERE
            stock_entry_14_now.recorded_at <= CAST($2 AS TIMESTAMPTZ)
            AND NULLIF(
              stock_entry_14_now.recorded_at = ANY(
                CAST((
                  SELECT
                    unfinished_1.began
                  FROM unfinished_1
                ) AS TIMESTAMPTZ[])
              ),
              TRUE
            ) IS NOT NULL
        ) AS stock_entry_14
        WHERE
          stock_entry_14.company_id = CAST($3 AS UUID)
      ) AS TEXT) || '}' AS json
  ) || '}' AS answer
