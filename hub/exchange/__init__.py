"""Documents as files: what a list gives away as CSV, NDJSON or Excel, and what comes back in.

`writing` makes files of rows. `reading` makes rows of files, `columns` and `mapping` say which document fields they
mean, `records` which rows are one document, and `importing` hands them to the write verbs: an import may do what the
person behind it may do, no more.
"""
