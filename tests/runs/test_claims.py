from sparseobs.runs.claims import say_which_hold


def test_each_claim_is_told_and_none_stops_a_page(capsys):
    rows = {"LETKF": 0.8}
    say_which_hold(
        {
            "LETKF errs by less than the noise": lambda: rows["LETKF"] < 1,
            "LETKF errs by more": lambda: rows["LETKF"] > 1,
            "the AmEnF errs by less": lambda: rows["AmEnF"] < 1,
        }
    )
    told = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert told == [
        ["holds", "LETKF errs by less than the noise"],
        ["FALSE", "LETKF errs by more"],
        ["FALSE (KeyError)", "the AmEnF errs by less"],
    ]
