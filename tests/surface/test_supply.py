"""What is installed: the lock, the constraints and the ranges agree, and every licence is told."""

import importlib.util
import re
import tomllib
from importlib.machinery import SourceFileLoader
from importlib.metadata import PackageNotFoundError, distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version


@pytest.fixture(scope="module")
def direct(root):
    """The requirements of pyproject.toml, by part: "" for everybody, else an extra's name."""
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    parts = {"": project["dependencies"], **project["optional-dependencies"]}
    wanted = {part: [Requirement(line) for line in lines] for part, lines in parts.items()}
    # An extra may name another of this package: that is no package to install besides.
    return {part: [one for one in lines if one.name != project["name"]] for part, lines in wanted.items()}


@pytest.fixture(scope="module")
def constraints(root):
    lines = (root / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pins}


@pytest.fixture(scope="module")
def locked(root):
    """The versions and the hashes of the lock, by package; a package has several where Pythons differ."""
    text = (root / ".ci" / "requirements.lock").read_text("utf-8")
    blocks = re.split(r"\n(?=[^\s#])", text)[1:]
    found = {}
    for block in blocks:
        name, version = re.match(r"([\w.-]+)==([\w.!+]+)", block).groups()
        found.setdefault(canonicalize_name(name), []).append((version, re.findall(r"--hash=(\S+)", block)))
    return found


@pytest.fixture(scope="module")
def licences(root):
    """The module that writes the page of licences; it is a script, and no package to import it from."""
    loader = SourceFileLoader("licences", str(root / ".ci" / "licences"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("licences", loader))
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def listed(root):
    """The rows of the page of licences: version, whether direct, licence."""
    rows = re.findall(
        r"^\| (\S+) \| (\S+) \| (yes )?\| (.+) \|$", (root / "docs" / "licences.md").read_text("utf-8"), re.M
    )
    return {name: (version, bool(mark), licence) for name, version, mark, licence in rows}


def test_every_package_of_the_lock_has_hashes_and_no_address(root, locked):
    for name, pins in locked.items():
        for _, hashes in pins:
            assert hashes, name
            assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", one) for one in hashes), name
    text = (root / ".ci" / "requirements.lock").read_text("utf-8")
    assert "://" not in text
    assert not re.findall(r"^\s*--(?!hash=)\S+", text, re.M)


def test_the_lock_holds_the_constraints_and_every_requirement(direct, constraints, locked):
    differ = {
        name: (version, locked[name])
        for name, version in constraints.items()
        if name in locked and {Version(pin) for pin, _ in locked[name]} != {Version(version)}
    }
    assert not differ, "remake it with .ci/slow/lock"
    wanted = {canonicalize_name(one.name) for part in direct.values() for one in part}
    assert wanted - locked.keys() <= {"torch"}, "remake it with .ci/slow/lock"


def test_every_requirement_has_a_least_version_that_its_constraint_meets(direct, constraints):
    for one in (one for part in direct.values() for one in part):
        assert any(bound.operator == ">=" for bound in one.specifier), one
        assert one.specifier.contains(constraints[canonicalize_name(one.name)]), one


def test_the_page_of_licences_is_current(direct, constraints, licences, listed):
    wanted = {canonicalize_name(one.name) for part in direct.values() for one in part}
    assert {name for name, (_, mark, _) in listed.items() if mark} == wanted, "remake it with .ci/licences"
    for name in sorted(wanted):
        version, _, licence = listed[name]
        assert Version(version) == Version(constraints[name]), f"{name}: remake it with .ci/licences"
        try:
            package = distribution(name)
        except PackageNotFoundError:
            continue
        if Version(package.version).public == Version(version).public:
            assert licence == licences.licence(package), f"{name}: remake it with .ci/licences"


def test_every_licence_is_stated_and_none_of_an_analysts_install_binds_the_user(root, listed):
    assert not [name for name, (_, _, licence) in listed.items() if licence == "not stated"]
    everybody = (root / "docs" / "licences.md").read_text("utf-8").split("\n## ")[1]
    names = re.findall(r"^\| ([\w.-]+) \| \d", everybody, re.M)
    assert len(names) > 20
    # "A OR B" leaves the choice; a licence that is GPL alone would be the user's to keep.
    assert not [name for name in names if re.search(r"\bA?GPL", listed[name][2]) and " OR " not in listed[name][2]]
