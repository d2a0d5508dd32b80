import subprocess

from lab.run import folders, revision


def git(folder, *arguments: str) -> str:
    who = ("-c", "user.name=Somebody", "-c", "user.email=somebody@example.org")
    done = subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def test_outside_a_checkout_the_commit_is_unknown(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(folders, "ROOT", tmp_path)
    assert revision.commit() == "unknown"


def test_a_checkout_with_changes_says_so(monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(folders, "ROOT", tmp_path)
    git(tmp_path, "init", "--quiet")
    (tmp_path / "file").write_text("one")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "--quiet", "--message", "First")
    commit = git(tmp_path, "rev-parse", "HEAD")[:12]
    assert revision.commit() == commit
    (tmp_path / "untracked").write_text("made by a run")
    assert revision.commit() == commit
    (tmp_path / "file").write_text("two")
    assert revision.commit() == f"{commit} + changes"
