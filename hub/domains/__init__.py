"""The document types, a module per chapter. Importing this package declares all of them."""

from hub.domains import (  # noqa: F401  (importing is declaring)
    design,
    energy,
    finance,
    forms,
    hours,
    integration,
    invoicing,
    items,
    office,
    organization,
    papers,
    parties,
    people,
    planning,
    plant,
    production,
    purchasing,
    quality,
    sales,
    warehouse,
)
