"""Text formats: CSV, TSV, crowd-kit's long form, fastText, CoNLL-U."""

import csv
import io

import pytest

from alcli.core.errors import BadParameter, InputError

CSV = """\
,comment,stars,note
7,"خوب، ""عالی""
خط دوم",5,"a, b"
8,بد,,
"""


@pytest.mark.parametrize("name", ["csv", "tsv"])
def test_a_vote_without_a_label_survives_a_round_trip(files, name):
    votes = [
        {"id": "1", "text": "a", "label": None, "annotator": "w"},
        {"id": "2", "text": "b"},
    ]
    files.write(name, votes)
    assert files.read(name) == votes


def test_csv_is_read(files):
    names = {"text": "comment", "label": "stars"}
    assert files.read("csv", CSV, **names) == [
        {
            "column_1": "7",
            "text": 'خوب، "عالی"\nخط دوم',
            "label": "5",
            "note": "a, b",
        },
        {"column_1": "8", "text": "بد", "note": ""},
    ]


def test_csv_is_readable_by_the_csv_module(files):
    records = [
        {"id": 1, "text": 'a "b"\r\nc', "label": None, "n": 1.5, "o": {"x": [True]}},
        {"text": "", "id": "é,", "n": True, "label": "x"},
    ]
    rows = list(csv.reader(io.StringIO(files.write("csv", records).decode(), "")))
    assert rows == [
        ["id", "text", "label", "n", "o"],
        ["1", 'a "b"\r\nc', "", "1.5", '{"x":[true]}'],
        ["é,", "", "x", "true", ""],
    ]


def test_tsv_is_written(files):
    data = files.write("tsv", [{"id": "1", "text": "a\tb"}, {"id": "2", "text": "c,d"}])
    assert data == b'id\ttext\n1\t"a\tb"\n2\tc,d\n'


def test_header_and_delimiter_are_parameters(files):
    found = files.read("csv", "1;a;x\n", header="id,text,label", delimiter=";")
    assert found == [{"id": "1", "text": "a", "label": "x"}]
    assert files.write("csv", found, delimiter=r"\t", text="t", label="").startswith(
        b"id\tt\tlabel\n"
    )


def test_the_header_is_checked_before_the_rows(files):
    with pytest.raises(InputError, match='file: no column "text"; the header is: a,b'):
        files.read("csv", "", header="a,b")


def test_a_batch_may_be_empty_after_rejection(alcli, tmp_path):
    bad = b'{"id":null}\n' * 9000
    good = b'{"id":"a"}\n' * 9000
    args = ["convert", "--to", "csv", "--skip-invalid"]
    done = alcli(*args, stdin=good + bad + good, check=True)
    assert done.stdout == b"id\n" + b"a\n" * 18_000


def test_empty_texts_in_a_single_column_are_quoted(files):
    texts = [{"text": ""}, {"text": "a"}, {"text": ""}]
    assert files.write("csv", texts) == b'text\n""\na\n""\n'
    assert files.read("csv") == texts


@pytest.mark.parametrize("size", [200_000, 1 << 20, 3 << 20])
def test_large_fields_survive_a_round_trip(files, size):
    records = [
        {"id": "1", "text": '"\n' * (size // 2)},
        {"id": "2", "text": "a" * size},
    ]
    files.write("csv", records)
    assert files.read("csv") == records


def test_line_numbers_include_line_breaks_in_fields(files):
    rows = "".join(f'{n},"a\n\n{n}"\n\n' for n in range(20_000))  # several pieces
    with pytest.raises(InputError, match=f"file:{2 + 4 * 20_000}: 3 fields"):
        files.read("csv", f"id,text\n{rows}1,2,3\n")


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_rejected_rows_keep_their_bytes(alcli, tmp_path, end):
    bad = [b'1,"a\nb\r\n""c""",d', b"\xe9,x", b'2,"x"y', b"3", b"4,\0"]
    good = end.join(b'%d,"a\n%d"' % (n, n) for n in range(300))
    rows = end.join([b"id,text", *(row for each in bad for row in (good, each)), good])
    rejects = tmp_path / "rejects"
    args = ["convert", "--from", "csv", "--skip-invalid", "--rejects", rejects]
    done = alcli(*args, stdin=rows + end, check=True)
    assert done.stdout.count(b"\n") == 300 * 6
    assert rejects.read_bytes() == b"".join(row + end for row in bad)


def test_quotes_within_a_cell_are_literal(files):
    found = files.read("csv", 'id,text\n1,5" screen\n2,"a"\n')
    assert [r["text"] for r in found] == ['5" screen', "a"]


UNQUOTED = 'text\tlabel\n"good\tp\nok"\tn\n'


def test_quote_none_makes_quotes_literal(files):
    found = files.read("tsv", UNQUOTED, quote="none")
    assert found == [{"text": '"good', "label": "p"}, {"text": 'ok"', "label": "n"}]
    assert files.write("tsv", found, quote="") == UNQUOTED.encode()
    assert len(files.read("tsv", UNQUOTED)) == 1


def test_without_quotes_line_breaks_become_spaces(files):
    data = files.write("csv", [{"id": "1", "text": 'a,"b"\r\nc\r'}], quote="none")
    assert data == b'id,text\n1,a "b" c \n'
    with pytest.raises(BadParameter, match="not a space"):
        files.write("csv", [], quote="none", delimiter=" ")


def test_the_quote_character_is_a_parameter(files):
    records = [{"id": "1", "text": 'it\'s, "so"\n'}, {"id": "2", "text": "'"}]
    data = files.write("csv", records, quote="'")
    assert data == b"id,text\n1,'it''s, \"so\"\n'\n2,''''\n"
    assert files.read("csv", quote="'") == records
    with pytest.raises(BadParameter, match="quote=ab: expected one character"):
        files.read("csv", quote="ab")


def test_a_byte_order_mark_is_written_and_skipped(files):
    data = files.write("csv", [{"text": "س"}], encoding="utf-8-sig")
    assert data == b"\xef\xbb\xbftext\n\xd8\xb3\n"
    assert files.read("csv") == [{"text": "س"}]


CROWD = "task,worker,label\nt1,w1,a\nt1,w2,b\nt2,w1,\n"
VOTES = [
    {"id": "t1", "annotator": "w1", "label": "a"},
    {"id": "t1", "annotator": "w2", "label": "b"},
    {"id": "t2", "annotator": "w1", "label": None},
]


def test_crowd_votes_are_read_and_written(files):
    assert files.read("crowd", CROWD) == VOTES
    assert files.read("crowd", CROWD.replace(",", "\t")) == VOTES
    assert (
        files.read("crowd", CROWD.replace(",a", ',"'), quote="none")[0]["label"] == '"'
    )
    assert files.write("crowd", VOTES) == CROWD.encode()


def test_crowd_reads_get_another_label_files(files):
    data = "w1\tt1\ta\n"
    found = files.read("crowd", data, header="worker,task,label")
    assert found == VOTES[:1]


def test_fasttext_is_read_and_written(files):
    data = "__label__POS خوب بود\nno label\n\n__label__NEG \n"
    records = [
        {"text": "خوب بود", "label": "POS"},
        {"text": "no label"},
        {"text": "", "label": "NEG"},
    ]
    assert files.read("fasttext", data) == records
    spaced = [{"text": "a\r\nb\n__label", "label": "very good"}]
    written = files.write("fasttext", spaced, space="_", prefix="#")
    assert written == b"#very_good a b __label\n"
    back = files.read("fasttext", space="_", prefix="#")
    assert back == [{"text": "a b __label", "label": "very good"}]


CONLLU = """\
# newdoc
# sent_id = s1
# text = می‌بینمش، خوب.
1-2\tمی‌بینمش\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
1\tمی‌بینم\tدید\tVERB\t_\t_\t0\troot\t_\t_
2\tش\tاو\tPRON\t_\t_\t1\tobj\t_\t_
3\t،\t،\tPUNCT\t_\t_\t1\tpunct\t_\t_
3.1\tempty\t_\t_\t_\t_\t_\t_\t_\t_
4\tخوب\tخوب\tADJ\t_\t_\t1\tx\t_\tSpaceAfter=No
5\t.\t.\tPUNCT\t_\t_\t1\tpunct\t_\t_

1\ta b\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No
2\tc\t_\t_\t_\t_\t_\t_\t_\t_
"""


def test_conllu_is_read_and_written(files):
    first, second = files.read("conllu", CONLLU)
    assert (first["id"], first["text"]) == ("s1", "می‌بینمش، خوب.")
    assert first["tokens"] == "می‌بینمش ، خوب ."
    assert first["conllu"] == CONLLU.split("\n\n")[0]
    assert (second["text"], second["tokens"]) == ("a bc", "a_b c")
    labelled = files.write("conllu", [first | {"label": "x"}]).decode()
    assert labelled.splitlines()[:4] == [
        "# sent_id = s1",
        "# text = می‌بینمش، خوب.",
        "# label = x",
        "# newdoc",
    ]
    assert labelled.count("\n") == CONLLU.split("\n\n")[0].count("\n") + 3
    assert files.read("conllu")[0]["label"] == "x"


def test_conllu_of_records_without_a_block(files):
    data = files.write("conllu", [{"id": 1, "text": "a\nb", "tokens": "A B"}]).decode()
    words = "1\tA\t_\t_\t_\t_\t_\t_\t_\t_\n2\tB\t_\t_\t_\t_\t_\t_\t_\t_\n\n"
    assert data == "# sent_id = 1\n# text = a b\n" + words
