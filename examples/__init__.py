"""Working examples: how a user connects a legacy ERP, a folder of CSV files, a workbook and a device."""
