SELECT
  '{"customers":' || (
    SELECT
      '{"nodes":' || '[' || COALESCE(
        STRING_AGG(
          
            '{"code":' || CAST(TO_JSON(page_2.code) AS TEXT) || ',"name":' || CAST(TO_JSON(page_2.name) AS TEXT) || ',"city":' || COALESCE(CAST(TO_JSON(page_2.city) AS TEXT), 'null') || ',"creditLimit":' || COALESCE('"' || CAST(page_2.credit_limit AS TEXT) || '"', 'null') || ',"active":' || CAST(page_2.active AS TEXT) || ',"paymentTermsDays":' || COALESCE(CAST(page_2.payment_terms_days AS TEXT), 'null') || '}',
            ','
          
        ),
        ''
      ) || ']' || '}' AS json
    FROM (
      SELECT
        customer_1.id AS id,
        customer_1.code AS code,
        customer_1.name AS name,
        customer_1.active AS active,
        customer_1.city AS city,
        customer_1.credit_limit AS credit_limit,
        customer_1.payment_terms_days AS payment_terms_days
      FROM hub.customer AS customer_1
      WHERE
        customer_1.company_id = CAST($1 AS UUID)
      ORDER BY
        customer_1.name_pinyin ASC,
        customer_1.id ASC
      LIMIT 3
    ) AS page_2
  ) || '}' AS answer
