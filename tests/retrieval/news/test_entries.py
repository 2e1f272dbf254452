"""What a feed gives of an article is freed of invitations to read the rest."""

import pytest

from retrieval.news.entries import without_invitation


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("The ferry is back.\n\nContinue reading...", "The ferry is back."),
        ("The ferry is back.\nWeiterlesen →\n\n", "The ferry is back."),
        ("The ferry is back.\n\nRead more\n\nRead more", "The ferry is back."),
        ("Continue reading...", "Continue reading..."),
        ("The ferry is back.\n\nIt carried 212 people.", "The ferry is back.\n\nIt carried 212 people."),
        ("Read more\n\nThe ferry is back.", "Read more\n\nThe ferry is back."),
        (
            "The list.\n\nRead more than one of these books and you will know the coast.",
            "The list.\n\nRead more than one of these books and you will know the coast.",
        ),
    ],
)
def test_only_short_last_lines_that_invite_to_read_on_are_left_out(text, kept):
    assert without_invitation(text) == kept
