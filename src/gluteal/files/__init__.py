"""Two doors: everything that is read comes in by `incoming`, everything that is written goes out by `outgoing`.

In: names of files, and what is to be written. Out: bounded content of regular files; files written whole or not at
all, never over an input of the same run; texts that no terminal and no spreadsheet obeys.
"""

from gluteal.files.escaping import FORMULA, as_text, csv_cell, csv_text, short_sentence, terminal_text
from gluteal.files.incoming import (
    MOST_EXPANSION,
    check_input,
    check_there,
    expand_user,
    in_a_line,
    measure_text,
    open_input,
    open_text,
    read_bounded,
    read_kept,
    read_loosely,
    read_whole,
    reading,
    remembered_inputs,
)
from gluteal.files.markup import check_xml
from gluteal.files.netcdf import write_netcdf
from gluteal.files.outgoing import (
    announce_target,
    check_new_folder,
    check_target,
    folder_written_whole,
    write_bytes,
    write_text,
    written_whole,
)
from gluteal.files.rows import (
    plain,
    read_number,
    read_package_bytes,
    read_rows,
    read_table_text,
    without_comments,
)
from gluteal.files.scratch import TemporaryFolder

__all__ = [
    "FORMULA",
    "MOST_EXPANSION",
    "TemporaryFolder",
    "announce_target",
    "as_text",
    "check_input",
    "check_new_folder",
    "check_target",
    "check_there",
    "check_xml",
    "csv_cell",
    "csv_text",
    "expand_user",
    "folder_written_whole",
    "in_a_line",
    "measure_text",
    "open_input",
    "open_text",
    "plain",
    "read_bounded",
    "read_kept",
    "read_loosely",
    "read_number",
    "read_package_bytes",
    "read_rows",
    "read_table_text",
    "read_whole",
    "reading",
    "remembered_inputs",
    "short_sentence",
    "terminal_text",
    "without_comments",
    "write_bytes",
    "write_netcdf",
    "write_text",
    "written_whole",
]
