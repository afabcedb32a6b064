#!/usr/bin/env python3
"""Writes the small ledgers of this folder with others' programs: CSV with Python's csv module, workbooks with openpyxl (texts in
their cells) and XlsxWriter (shared texts, formulas with their values).

usage: make.py [FOLDER]      into this folder, or another

    python3 -m venv build/ledger && build/ledger/bin/pip install -r tests/ledger/requirements.txt
    build/ledger/bin/python tests/ledger/make.py

Beside each file stands what a person sees in it, NAME.json: {"sheets": [{"name", "hidden", "rows", "merged"}]}. The same files
come out every time.
"""

import csv
import datetime
import io
import json
import pathlib
import sys
import zipfile

import openpyxl
import xlsxwriter
from openpyxl.styles import Alignment, Font

HEAD = ["管理番号", "設備名", "IPアドレス", "MACアドレス", "メーカー", "型式", "製造番号", "FW", "種別", "ライン", "設置場所", "管理部署", "担当者", "内線", "重要度", "備考"]
ROWS = [
    ["A-0001", "搬送コンベア①PLC", "192.168.1.10", "00-1B-1B-33-44-5F", "三菱電機㈱", "Q03UDVCPU", "0123456", "Ver.1.2", "PLC", "組立1", "A棟 1F", "生産技術課", "髙木", "1234", "高", "予備機あり"],
    ["A-0002", "検査装置, 外観", "192.168.1.11", "001b.1b33.4460", "ｵﾑﾛﾝ", "NX102-9000", "S/N 77", "1.40", "PLC", "組立1", "A棟 1F", "生産技術課", "山﨑", "1235", "中", "改行が\nあるセル"],
    ["A-0003", 'タッチパネル "主操作盤"', "192.168.1.12", "", "キーエンス", "VT5-W10", "", "", "表示器", "組立1", "A棟 1F", "生産技術課", "髙木", "1234", "低", ""],
]


def text_files(folder):
    for name, encoding, delimiter, end in (
        ("cp932", "cp932", ",", "\r\n"),
        ("utf8-bom", "utf-8-sig", ",", "\r\n"),
        ("utf8-semicolon", "utf-8", ";", "\n"),
        ("utf16", "utf-16", "\t", "\r\n"),
    ):
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
        writer.writerows([HEAD, *ROWS])
        (folder / f"{name}.csv").write_bytes(out.getvalue().encode(encoding))
    told(folder / "text.json", [{"name": "", "hidden": False, "rows": [HEAD, *ROWS], "merged": []}])


def told(path, sheets):
    def cut(cells):
        cells = list(cells)
        while cells and cells[-1] == "":
            cells.pop()
        return cells

    for sheet in sheets:
        sheet["rows"] = cut(["" if not cut(r) else cut(r) for r in sheet["rows"]])
        sheet["rows"] = [r or [] for r in sheet["rows"]]
    path.write_text(json.dumps({"sheets": sheets}, ensure_ascii=False, indent=1) + "\n")


def seen(cell):
    """What a spreadsheet shows: our reader's rules, said once more."""
    value, code = cell.value, cell.number_format
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        return value.isoformat() if "h" in code else value.date().isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, int) and set(code) == {"0"}:
        return str(value).zfill(len(code))
    if isinstance(value, float):
        return str(int(value)) if value == int(value) and abs(value) < 1e15 else f"{value:.15g}"
    return str(value)


def keep(book, folder, name):
    """Zipped anew with a fixed date, so that the same tables are the same file."""
    moment = datetime.datetime(2026, 4, 1)
    book.properties.created = book.properties.modified = moment
    raw = io.BytesIO()
    book.save(raw)
    out = folder / f"{name}.xlsx"
    with zipfile.ZipFile(raw) as made, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as again:
        for entry in made.infolist():
            content = made.read(entry)
            if entry.filename == "docProps/core.xml":  # openpyxl writes the time of saving.
                content = content[: content.index(b"<dcterms:modified")] + content[content.index(b"</dcterms:modified>") + 19 :]
            again.writestr(zipfile.ZipInfo(entry.filename, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    read_back(out)


def read_back(path):
    """What openpyxl reads in a workbook."""
    sheets = []
    for sheet in openpyxl.load_workbook(path, data_only=True).worksheets:
        merged = [[r.min_row - 1, r.min_col - 1, r.size["rows"], r.size["columns"]] for r in sheet.merged_cells.ranges]
        sheets.append({
            "name": sheet.title,
            "hidden": sheet.sheet_state != "visible",
            "rows": [[seen(cell) for cell in row] for row in sheet.iter_rows()],
            "merged": sorted(merged),
        })
    told(path.with_suffix(".json"), sheets)


def workbook(folder):
    """As plants keep it: a title, a head of two rows, merged cells below, dates, numbers, a cover and a hidden sheet of lists."""
    book = openpyxl.Workbook()
    cover = book.active
    cover.title = "表紙"
    cover["B2"] = "設備管理台帳"
    cover["B4"], cover["C4"] = "改訂日", datetime.date(2026, 3, 31)
    cover["C4"].number_format = "yyyy/m/d"
    sheet = book.create_sheet("台帳(第1工場)")
    sheet["A1"] = "第1工場 ネットワーク接続機器一覧"
    sheet["A1"].font = Font(bold=True)
    sheet.merge_cells("A1:K1")
    heads = [("管理番号", None), ("機器", "名称"), (None, "型式"), ("ネットワーク", "IPアドレス"), (None, "MACアドレス"), ("メーカー", None),
             ("設置", "ライン"), (None, "場所"), ("担当者", None), ("重要度", None), ("導入日", None)]
    for column, (upper, lower) in enumerate(heads, 1):
        sheet.cell(3, column, upper)
        sheet.cell(4, column, lower)
        if lower is None:
            sheet.merge_cells(start_row=3, end_row=4, start_column=column, end_column=column)
    for first, last in ((2, 3), (4, 5), (7, 8)):
        sheet.merge_cells(start_row=3, end_row=3, start_column=first, end_column=last)
    date = datetime.date
    rows = [
        [7, "主PLC", "Q03UDVCPU", "192.168.001.010", "00-1B-1B-33-44-5F", "三菱電機", "組立1", "A棟", "髙木", "◎", date(2019, 4, 1)],
        [8, "表示器", "GT2710", "１９２．１６８．１．１１", "００：１Ｂ：１Ｂ：３３：４４：６０", "三菱", None, None, "山﨑", "○", date(2020, 12, 31)],
        [9, "サーバ", 2.5, "192.168.1.12", "00:1b:1b:33:44:61", "デル", None, None, "山﨑", "△", datetime.datetime(2021, 1, 2, 3, 4, 5)],
        [None, None, None, "192.168.2.12", "00:1b:1b:33:44:62", None, None, None, None, None, None],
        ["第2ライン", None, None, None, None, None, None, None, None, None, None],
        [10, "検査機", 12, "192.168.1.13", None, "キーエンス", "組立2", "B棟", "髙木", "◎", None],
    ]
    for at, row in enumerate(rows, 5):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(at, column, value)
            if column == 1 and isinstance(value, int):
                cell.number_format = "0000"
            if isinstance(value, datetime.datetime):
                cell.number_format = 'yyyy"年"m"月"d"日" h:mm'
            elif isinstance(value, date):
                cell.number_format = "[$-411]ggge\"年\"m\"月\"d\"日\""
            cell.alignment = Alignment(wrap_text=True)
    sheet.merge_cells("G5:G8")  # One line for three machines.
    sheet.merge_cells("H5:H8")
    for column in "ABCFIJK":  # The server has two addresses.
        sheet.merge_cells(f"{column}7:{column}8")
    sheet.merge_cells("A9:K9")
    lists = book.create_sheet("選択肢")
    lists.sheet_state = "hidden"
    for at, value in enumerate([True, False, 0.1, 1e20, -3, "管理番号"], 1):
        lists.cell(at, 1, value)
    keep(book, folder, "plant")


def shared(folder):
    """The rows of the text files once more, with formulas, a text of several fonts and numbers of several forms."""
    path = folder / "shared.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.set_properties({"created": datetime.datetime(2026, 4, 1)})
        bold, day, moment, digits = (book.add_format(f) for f in ({"bold": True}, {"num_format": 14}, {"num_format": "yyyy-mm-dd hh:mm"}, {"num_format": "00000"}))
        sheet = book.add_worksheet("台帳")
        for at, row in enumerate([HEAD, *ROWS]):
            for column, text in enumerate(row):
                sheet.write_string(at, column, text)
        sheet.write_rich_string(4, 0, "A-", bold, "0004")
        sheet.write_formula(4, 1, '="予備"&"機"', None, "予備機")
        sheet.write_formula(4, 2, "=1+1", None, 2)
        sheet.merge_range(4, 3, 5, 4, "結合", bold)
        other = book.add_worksheet("数")
        other.hide()
        other.write_datetime(0, 0, datetime.datetime(2026, 2, 28), day)
        other.write_datetime(0, 1, datetime.datetime(2026, 2, 28, 23, 59, 59), moment)
        other.write_number(0, 2, 42, digits)
        other.write_number(0, 3, 0.30000000000000004)
        other.write_boolean(0, 4, True)
    read_back(path)


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else __file__).resolve()
    folder = folder if folder.is_dir() else folder.parent
    text_files(folder)
    workbook(folder)
    shared(folder)


if __name__ == "__main__":
    main()
