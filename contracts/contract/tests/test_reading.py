"""Files as people and programs write them: read as JSON would say it, or refused in one line that names the place."""

import json

import pytest

from contract.openapi.document import DocumentError, load, parse
from contract.tests.building import S, asks, breaks

HEAD = "openapi: 3.1.0\ninfo: {title: T, version: 1.0.0}\n"
LAUGHS = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
MERGED_LAUGHS = "b0: &b0 {k0: [1, 2, 3, 4, 5, 6, 7, 8, 9]}\n" + "".join(
    f"b{n}: &b{n} {{p: *b{n - 1}, q: *b{n - 1}, r: *b{n - 1}, s: *b{n - 1}}}\n" for n in range(1, 14)
)
BOOLEANS_OF_1_1 = ["y", "Y", "yes", "Yes", "YES", "n", "N", "no", "No", "NO", "on", "On", "ON", "off", "Off", "OFF"]
# name of the kind, file name, content, words of the one line.
REFUSED = [
    ("key twice in YAML", "a.yaml", f"{HEAD}paths: {{}}\npaths: {{}}\n", "line 4: the key 'paths' stands twice in #/"),
    ("key twice, written apart", "a.yaml", f"{HEAD}x: {{200: a, '200': b}}\n", "the key '200' stands twice in #/x"),
    ("key twice by an alias", "a.yaml", "&k a: 1\n*k : 2\n", "the key 'a' stands twice"),
    ("merge key twice", "a.yaml", "x: &x {a: 1}\ny: {<<: *x, <<: *x}\n", "the key '<<' stands twice in #/y"),
    ("key twice in JSON", "a.json", '{"paths": {"/a": 1,\n "/a": 2}}', "line 2: the key '/a' stands twice in #/paths"),
    ("aliases without end", "a.yaml", f"{LAUGHS}", "unfold to more than"),
    ("mappings without end", "a.yaml", f"{MERGED_LAUGHS}", "unfold to more than"),
    ("alias of itself", "a.yaml", "a: &a [*a]\n", "the alias *a holds itself"),
    ("alias of nothing", "a.yaml", "a: *b\n", "no anchor is called b"),
    ("merge of no mapping", "a.yaml", "a: {<<: 5}\n", "`<<` merges mappings"),
    ("merge of a list of texts", "a.yaml", "a: {<<: [b]}\n", "`<<` merges mappings"),
    ("tag of its own", "a.yaml", "a: !secret b\n", "the tag !secret says nothing in JSON"),
    ("binary", "a.yaml", "a: !!binary aGk=\n", "says nothing in JSON"),
    ("set", "a.yaml", "a: !!set {b, c}\n", "says nothing in JSON"),
    ("tagged number that is none", "a.yaml", "a: !!int b\n", "'b' is no int"),
    ("two documents", "a.yaml", "a: 1\n---\nb: 2\n", "a second document begins"),
    ("key that is a list", "a.yaml", "? [a]\n: 1\n", "a key that is no text"),
    ("infinity in YAML", "a.yaml", "a: .inf\n", "line 1: .inf is no number"),
    ("not a number in YAML", "a.yaml", "a: .NaN\n", ".NaN is no number"),
    ("infinity in JSON", "a.json", '{"a": Infinity}', "Infinity is no number"),
    ("not a number in JSON", "a.json", '{"a": NaN}', "NaN is no number"),
    ("integer of 5,000 digits", "a.json", '{"a": ' + "9" * 5000 + "}", "more than 4000 digits"),
    ("integer of 5,000 digits in YAML", "a.yaml", "a: " + "9" * 5000, "more than 4000 digits"),
    ("exponent beyond all", "a.json", '{"a": 1e999999}', "more than 4000 digits"),
    ("deep JSON", "a.json", '{"a":' * 100_000, "nested deeper than 200 levels"),
    ("deep list", "a.json", "[" * 3_000 + "]" * 3_000, "nested deeper than 200 levels"),
    ("deep YAML", "a.yaml", "- " * 3_000 + "a", "nested deeper than 200 levels"),
    ("deep YAML by flow", "a.yaml", "a: " + "[" * 3_000, "nested deeper than 200 levels"),
    ("deep by aliases", "a.yaml", "a0: &a0 [1]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}]\n" for n in range(1, 300)),
     "nested deeper than 200 levels"),
    ("nothing", "a.yaml", "", "the file is empty"),
    ("blanks", "a.json", " \n", "the file is empty"),
    ("a comment", "a.yaml", "# nothing\n", "not an OpenAPI 3 document"),
    ("a list", "a.json", "[1]", "not an OpenAPI 3 document"),
    ("a text", "a.yaml", "hello", "not an OpenAPI 3 document"),
    ("tab for a space", "a.yaml", "a:\n\tb: 1\n", "not YAML"),
    ("cut off", "a.json", '{"a": ', "not JSON"),
    ("NUL", "a.yaml", "a: \0\n", "not YAML"),
    ("bytes of Latin-1", "a.yaml", b"a: caf\xe9\n", "not UTF-8 text"),
    ("half a surrogate pair", "a.json", '{"openapi": "3.1.0", "x-a": "\\ud800"}', "half of a surrogate pair"),
    ("Swagger 2", "a.yaml", "swagger: '2.0'\n", "Swagger 2.0; convert it to OpenAPI 3 first"),
    ("version that is a number", "a.yaml", "openapi: 3.1\n", "not an OpenAPI 3 document"),
    ("version that is none", "a.yaml", "openapi: 3.1.0x\n", "OpenAPI 3.1.0x is not supported"),
    ("version to come", "a.yaml", "openapi: 4.0.0\n", "OpenAPI 4.0.0 is not supported"),
]  # fmt: skip
# name, YAML, what JSON would say.
READ = [
    ("no and on are texts", "a: no\nb: on\nc: y\n", {"a": "no", "b": "on", "c": "y"}),
    ("the booleans of YAML 1.1 are texts", f"a: [{', '.join(BOOLEANS_OF_1_1)}]\n", {"a": BOOLEANS_OF_1_1}),
    ("true and null", "a: true\nb: ~\nc:\nd: Null\n", {"a": True, "b": None, "c": None, "d": None}),
    ("a day is a text", "a: 2026-01-31\nb: 12:30\n", {"a": "2026-01-31", "b": "12:30"}),
    ("octal and hexadecimal", "a: 0o17\nb: 0xff\nc: 017\n", {"a": 15, "b": 255, "c": 17}),
    ("exponents", "a: 1e3\nb: 1.5E-1\nc: +7\n", {"a": 1000, "b": 0.15, "c": 7}),
    ("numbers with underscores are texts", "a: 1_000\n", {"a": "1_000"}),
    ("keys are texts", "200: a\n1.0: b\ntrue: c\n", {"200": "a", "1.0": "b", "true": "c"}),
    ("quoted is text", "a: '1'\nb: \"true\"\n", {"a": "1", "b": "true"}),
    ("tagged as JSON knows it", "a: !!str 1\nb: !!int '2'\nc: !!float 3\n", {"a": "1", "b": 2, "c": 3.0}),
    ("merge", "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\n", {"x": {"a": 1, "b": 2}, "y": {"a": 1, "b": 3}}),
    ("merge of several", "y: {<<: [{a: 1}, {a: 2, b: 2}], c: 3}\n", {"y": {"a": 1, "b": 2, "c": 3}}),
    ("merge within a merge", "x: &x {<<: {a: 1}, b: 2}\ny: {<<: *x}\n", {"x": {"a": 1, "b": 2}, "y": {"a": 1, "b": 2}}),
    ("what stands before a merge wins", "y:\n  a: 1\n  <<: {a: 2}\n", {"y": {"a": 1}}),
    ("a quoted << is a name", "y: {'<<': 1}\n", {"y": {"<<": 1}}),
    ("an alias of a text as a key", "a: &k b\n*k : 1\n", {"a": "b", "b": 1}),
    ("JSON with a comment", '{"a": 1} # so\n', {"a": 1}),
    ("more than a float holds", "a: 1e400\n", {"a": 10**400}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "words"), [pytest.param(*case[1:], id=case[0]) for case in REFUSED])
def test_what_json_cannot_say_is_refused_in_one_line(tmp_path, name, content, words):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DocumentError) as refused:
        load(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert words in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize(("text", "value"), [pytest.param(*case[1:], id=case[0]) for case in READ])
def test_yaml_is_read_as_json_would_say_it(tmp_path, text, value):
    (tmp_path / "a.yaml").write_text(text)
    read = parse(tmp_path / "a.yaml")
    assert read == value
    assert json.loads(json.dumps(read)) == value
    assert list(map(type, read.values())) == list(map(type, value.values())) or "exponents" in text or "e" in text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_the_encodings_of_unicode_are_read(tmp_path, encoding, suffix):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(json.dumps({"openapi": "3.1.0", "x-a": "é"}, ensure_ascii=False).encode(encoding))
    assert load(path).data["x-a"] == "é"


@pytest.mark.parametrize("path", ["", ".", "nowhere.yaml", "a\0b.yaml"])
def test_what_is_no_file_is_refused(tmp_path, path):
    with pytest.raises(DocumentError):
        load(tmp_path / path)


def test_a_change_within_a_merged_mapping_is_seen(tmp_path):
    text = (
        f"{HEAD}x-shared: &shared {{type: object, required: [id], properties: {{id: {{type: KIND}}}}}}\n"
        "paths:\n  /t:\n    post:\n      requestBody:\n        content:\n          application/json:\n"
        "            schema: {<<: *shared, description: One.}\n      responses: {204: {description: Done.}}\n"
    )
    documents = []
    for kind in ("string", "integer"):
        path = tmp_path / f"{kind}.yaml"
        path.write_text(text.replace("KIND", kind))
        documents.append(load(path))
    assert breaks(*documents) == ["type"]


def test_names_that_are_keywords_elsewhere_hide_no_reference(tell):
    """A field called `default`, a response called `default`: what they refer to is compared."""
    for name in ("default", "example", "examples", "enum", "const", "x-extensible-enum", "properties", "$ref"):
        schema = {"type": "object", "properties": {name: {"$ref": "#/components/schemas/Leaf"}}}
        old, new = (
            asks(schema, components={"schemas": {"Leaf": {**S, "maxLength": most}}}) for most in (9, 8)
        )  # fmt: skip
        assert breaks(old, new) == ["maxLength"], name
    tell(f"reading: {len(REFUSED)} kinds of file refused, {len(READ)} read as JSON")
