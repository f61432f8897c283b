"""Translate the names of drums and instruments in other languages into the English words of the name tables.

Names are compared without case and accents: `Große Trommel`, `GROSSE TROMMEL` and `Percussão`, `percussao` are alike.
"""

import re
import unicodedata

# English words -> the words for them in other languages, without numbers, separated by commas.
TRANSLATIONS = {
    "drums": "Schlagzeug, Trommeln, Schlagwerk, Batterie, Batería, Batteria, Tambores, Tambours, Tamburi, slagwerk, "
    "slagverk, trommer, trummor, slagtøj, rummut, perkusja, bicí, bubny, dobok, davul, "
    "ドラム, ドラムス, Ударные, Ударник, Барабаны, 鼓, 鼓组, 架子鼓, 爵士鼓, 드럼",
    "drum kit": "Trommelset, ドラムセット, ドラムキット, Ударная установка, Schlagzeugset",
    "drum machine": "Boîte à rythmes, Caja de ritmos, Caixa de ritmos, Drumcomputer, ドラムマシン, Драм-машина",
    "percussion": "Perkussion, Percusión, Percussão, Percussioni, Perkusjonalia, パーカッション, Перкуссия, 打击乐",
    "kick": "Große Trommel, Basstrommel, Grosse caisse, Bombo, Bumbo, Cassa, Grancassa, Gran cassa, Grote trom, "
    "bastrumma, キック, バスドラム, バスドラ, Бочка, Бас-бочка, Бас-барабан, Большой барабан, 底鼓, 킥",
    "snare": "Redoblante, Kleine Trommel, Caisse claire, Caja, Caixa, Rullante, Kleine trom, virveltrumma, werbel, "
    "スネア, スネアドラム, Малый барабан, Рабочий барабан, Снейр, 军鼓, 스네어",
    "clap": "Klatschen, Palmas, クラップ, ハンドクラップ, Хлопок, Хлопки",
    "hat": "Charleston, Charley, Chimbal, ハイハット, Хай-хэт, Хай-хет, Хэт, 踩镲, 하이햇",
    "tom": "タム, タムタム, Том, Томы",
    "open hat": "オープンハイハット, Charley ouverte",
    "closed hat": "クローズハイハット, クローズドハイハット",
    "high tom": "Hängetom",
    "floor tom": "Standtom, Tom de piso, フロアタム",
    "ride": "ライド, ライドシンバル, Райд",
    "crash": "Prato de ataque, クラッシュ, クラッシュシンバル, Крэш, Креш",
    "cymbals": "Becken, Cymbale, Cymbales, Platillos, Pratos, Piatti, bekkens, talerze, シンバル, Тарелки, Тарелка, 镲",
    "tambourine": "Schellenkranz, Tamburin, Tambourin, Pandereta, Pandeiro, Tamburello, タンバリン, Бубен",
    "triangle": "Triangel, Triángulo, Triângulo, Triangolo, トライアングル, Треугольник",
    "shaker": "シェイカー, Шейкер",
    "conga": "コンガ, Конга, Конги",
    "bongo": "ボンゴ, Бонго",
    "cowbell": "Kuhglocke, Cencerro, カウベル, Ковбелл",
    "timpani": "Pauke, Pauken, Timbali, Timpano, ティンパニ, Литавры, 定音鼓",
    "xylophone": "Xylophon, Xilofono, Xilófono, Xilofone, シロフォン, 木琴, Ксилофон",
    "bass": "Bassi, Basse, Bajo, Baixo, Basso, Kontrabass, Bassgitarre, Contrebasse, Contrabajo, Contrabbasso, "
    "ベース, Бас, Бас-гитара, 贝斯, 베이스",
    "piano": "Klavier, Flügel, Pianoforte, ピアノ, Пианино, Фортепиано, Рояль, 钢琴, 피아노",
    "guitar": "Gitarre, Guitare, Guitarra, Chitarra, Violão, ギター, Гитара, 吉他, 기타",
    "keyboard": "Teclado, Clavier, Tastiera, キーボード, Клавиши, Синтезатор",
    "violin": "Geige, Violine, Violon, Violín, Violino, バイオリン, ヴァイオリン, Скрипка, 小提琴",
    "strings": "Streicher, Cordes, Cuerdas, Cordas, Archi, ストリングス, Струнные",
    "flute": "Flöte, Flûte, Flauta, Flauto, フルート, Флейта",
    "trumpet": "Trompete, Trompette, Trompeta, Tromba, トランペット, Труба",  # noqa: RUF001
    "organ": "Orgel, Orgue, Órgano, Órgão, Organo, オルガン, Орган",
    "melody": "Melodie, Mélodie, Melodía, Melodia, メロディ, メロディー, Мелодия, 旋律",
    "vocals": "Gesang, Stimme, Chant, Voix, Voz, Voce, ボーカル, Вокал, Голос",
}


def folded(name: str) -> str:
    """Return a name without case and accents.

    >>> folded("Große TROMMEL"), folded("Percussão")
    ('grosse trommel', 'percussao')
    """
    return "".join(c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))


ENGLISH = {
    folded(phrase.strip()).replace("-", " "): english
    for english, phrases in TRANSLATIONS.items()
    for phrase in phrases.split(",")
}
FOREIGN = re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, ENGLISH), key=len, reverse=True))})\b")


def in_english(words: str) -> str:
    """Return folded words separated by spaces, with foreign words translated.

    >>> in_english("kleine trommel"), in_english("kick in")
    ('snare', 'kick in')
    """
    return FOREIGN.sub(lambda found: ENGLISH[found[0]], words)
