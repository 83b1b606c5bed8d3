"""A trading company's sales as a folder of CSV files, its people as an Excel workbook."""
