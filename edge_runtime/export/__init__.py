"""What a session becomes for others: tables, shapes for QuPath, a mosaic, a report; `cancernet export`."""
