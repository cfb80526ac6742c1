"""What the page says of its stored table."""

from sparseobs.runs.results import read_result
from sparseobs.scores.intervals import repeat_interval
from sparseobs_book.open_questions.summary import lead, pick, questions

PAGE = "open_questions"
TABLE = read_result("open_questions").table
MAE, NLL, COVERAGE = (
    {case: pick(TABLE, score, case) for case in ("dispersed", "clustered", "daily means", "wind speed")}
    for score in ("mae", "nll", "coverage")
)


def mean(rows, name):
    return f"{rows[name].mean():.2f}"


def test_clusters_hurt_by_what_is_shown(unsaid):
    shares = 100 * (MAE["clustered"] / MAE["dispersed"] - 1).mean()
    same = pick(TABLE, "mae", "clustered", "dispersed")
    learnt = repeat_interval(same["Sim2Real"] - MAE["dispersed"]["Sim2Real"])
    in_all = (MAE["clustered"] - MAE["dispersed"])["Sim2Real"].mean()
    reach = TABLE.groupby(["case", "shown"])["reach_km"].mean()
    assert shares.min() > 0 and abs(learnt.mean) < in_all / 4
    assert not unsaid(
        PAGE,
        f"is higher, by {shares.min():.0f} to {shares.max():.0f} %",
        f"{reach['clustered', 'clustered']:.0f} km away and not {reach['dispersed', 'dispersed']:.0f}.",
        f"from clusters errs by {mean(same, 'Sim2Real')} °C, and by {mean(MAE['dispersed'], 'Sim2Real')} °C if it",
        f"{in_all:.2f} °C in all, of which {learnt:.2f} °C is learnt",
        f"of the {in_all:.2f} °C that clusters cost Sim2Real, {learnt:.2f} °C is learnt",
    )


def test_daily_means(unsaid):
    mae, nll = (part["daily means"] - part["dispersed"] for part in (MAE, NLL))
    networks = ["sim-only", "Sim2Real", "Sim2Real (FiLM)"]
    assert (mae[networks].mean().round(2) >= 0).all()
    assert not unsaid(
        PAGE,
        f"by {mae[networks].mean().max():.2f} °C or less",
        f"loses {mean(nll, 'sim-only')} nats; Sim2Real loses {mean(nll, 'Sim2Real')}, for",
        f"cost sim-only {mean(mae, 'sim-only')} °C and {mean(nll, 'sim-only')} nats, Sim2Real "
        f"{mean(mae, 'Sim2Real')} °C and {mean(nll, 'Sim2Real')} nats",
    )


def test_wind(unsaid):
    mae, nll, covered = (part["wind speed"] for part in (MAE, NLL, COVERAGE))
    networks = ["sim-only", "real-only", "Sim2Real", "Sim2Real (FiLM)"]
    assert covered.mean().idxmin() == nll.mean().idxmax() == "sim-only"
    behind, ahead = lead(mae)["lapse rate + IDW"], repeat_interval(lead(nll)["lapse rate + IDW"])
    assert ahead.low < 0 < ahead.high and lead(mae)["sim-only"].mean() < 0
    assert not unsaid(
        PAGE,
        f"errs by {mean(mae, 'lapse rate + IDW')} m/s and every network by {mae[networks].mean().min():.2f} or more",
        f"hold {covered['sim-only'].mean():.0%})".replace("%", " %"),
        f"likelihood, {mean(nll, 'sim-only')} nats. Fine-tuning brings it to {mean(nll, 'Sim2Real')}, level",
        f"errs {repeat_interval(-behind):.2f} m/s less than Sim2Real",
    )


def test_the_first_figures_alternative_text():
    leads = lead(MAE["wind speed"]).mean()
    assert leads[leads < 0].index.tolist() == ["IDW", "lapse rate + IDW", "sim-only"]


def test_the_table_of_answers_is_whole():
    assert questions(TABLE)["mean [low, high]"].str.contains(r"\[").all()
