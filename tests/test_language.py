"""pipeline.language: right where it answers, None where the text says too little."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import language
from pipeline.language import detect, guess

SENTENCES = {
    "en": "The committee met for the third time in the spring, and it has not been able to agree on the budget.",
    "ru": "Комиссия собралась в третий раз, но так и не смогла договориться о том, что делать с этим бюджетом.",
    "uk": "Комісія зібралася втретє, але так і не змогла домовитися про те, що робити з цим бюджетом.",
    "de": "Der Ausschuss hat sich zum dritten Mal getroffen, konnte sich aber nicht auf den Haushalt einigen.",
    "fr": "La commission s'est réunie pour la troisième fois, mais elle n'a pas pu se mettre d'accord sur le budget.",
    "es": "La comisión se reunió por tercera vez, pero no ha podido llegar a un acuerdo sobre el presupuesto.",
    "pl": "Komisja zebrała się po raz trzeci, ale nie udało się jej dojść do porozumienia w sprawie budżetu, który jest za mały.",
    "kk": "Комиссия үшінші рет жиналды, бірақ бюджет туралы келісімге келе алмады, және бұл туралы олар айтты.",
    "el": "Η επιτροπή συνεδρίασε για τρίτη φορά, αλλά δεν συμφώνησε.",
    "ja": "委員会は三回目の会合を開いたが、合意には至らなかった。",
    "zh": "委员会第三次开会，但仍未就预算达成一致。",
    "ar": "اجتمعت اللجنة للمرة الثالثة في الربيع ولم يتمكن الأعضاء من الاتفاق على هذا المشروع بعد أن رفضه الرئيس",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_sentence(language: str) -> None:
    assert guess(SENTENCES[language]) == language


@pytest.mark.parametrize(
    "text", ["", "OK", "1234", "\x00\ud800", "Home News Sport", "18.11.2020 17:18", "a a a a a a a a a a a a a"]
)
def test_too_little(text: str) -> None:
    assert detect(text) is None


@given(st.text(st.sampled_from("abcABC5_ \n'‘’—\x01ʻéИ²\u0301\u064b\u0915\u093f\u0966")) | st.text())
def test_every_pattern_finds_the_same_words(text: str) -> None:
    beyond = "".join(character for character in text if not character.isascii())
    assert sorted(language._lower_words(text, beyond)) == sorted(language._WORDS.findall(text.lower()))


@given(st.text(st.sampled_from("theandTHE itк-_'’.,\n1éя")), st.sampled_from(["en", "de", "ru", "fr", "hi", "it"]))
def test_own_words_are_found_as_whole_words(text: str, code: str) -> None:
    own = language._own_words(code)
    words = [word for word, codes in language._languages_of_words().items() if codes == (code,)][: language.OWN_WORDS]
    assert own is not None
    assert own.in_text(text) == bool(re.search(rf"\b(?:{'|'.join(map(re.escape, words))})\b", text, re.I))


def test_one_word_repeated_proves_nothing() -> None:
    assert guess("Nikoho nepotkali, když šli přes louku – ani pastýře, ani myslivce, ani houbaře.") is None


def test_the_model_answers_where_the_tables_do_not() -> None:
    text = "Dievčatká objavili starobylú truhlicu plnú zabudnutých rukopisov"
    assert guess(text) is None
    assert detect(text) in {"sk", "cs"}


def test_import_loads_no_model() -> None:
    code = "import sys, pipeline.language as l; l.guess('The end of the war is not it all.'); print('py3langid' in sys.modules)"
    root = Path(__file__).resolve().parents[1]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
