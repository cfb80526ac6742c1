"""Where the ten MIDAS stations, the elevation below them and the snapshot of Germany are public, and their hashes."""

_RWGEN = (
    "https://raw.githubusercontent.com/davidpritchard1/rwgen/5cd354ab4db98785002af95ab856f2bad176f1fa"
    "/examples/weather_generator/spatial/input"
)
_GSTOOLS = "https://raw.githubusercontent.com/GeoStat-Framework/GSTools/e20c88f70bc92569f830877a4cb5fb24bc920671"
_XAI4MPC = "https://raw.githubusercontent.com/christianutama/xai4mpc/68249e8e6fbd5e246b9b8506f356b8723cc16df4"

# The stations with daily means in March 2019, of those that the repository has.
STATIONS = {
    "00605_brize-norton.csv": "3c47d3207a9b537cc218759e0aca4b83d362c997852abf9d37b20a3affbb2907",
    "00607_south-newington.csv": "26d3a162e0371d9e66ccfe4b053b357421965b15cc35736a5a42cc10c577f331",
    "00613_benson.csv": "7449df25a57a12ea2e621840b9e7137c869bd72412841f2cbec2782a0f3a389f",
    "00692_little-rissington.csv": "98dcb79bcc28a82a54a9589053dc0b73ca52c677ff38c005ce5b3aac3e372e48",
    "00708_heathrow.csv": "dbac3dd00629e2d91df86f297da57db2a53f00a4861f78ccf4ecd4d448795171",
    "00709_northolt.csv": "ed1bec6193522b4ec7f9404ca24a373f779b48b20d4eb9de15731639c97a337f",
    "00719_wisley.csv": "d99c7373106eab546fabd6eaeb202c96aa7b9d4c7c7b105c2c266502c555a840",
    "00830_reading-university-whiteknights.csv": "25b2b267d7692d7b380a2517fda7669133f8b521603c5c29600dc0f8f3de7d89",
    "00869_south-farnborough.csv": "aca50e0fa6bdbd31feb44619690f93cf696f4fe7f10eac7b5eb81a1bca125c3e",
    "17176_high-wycombe-hqair.csv": "b3eb58da1f50133774dbd78c2fea3c5559eeede89d2ee5083531ea4737163fa5",
    "weather_metadata.csv": "cff5b7bbd502718f428e2ced88278862416b15341b982beb8d45860955ab2f49",
}
# (path below the data folder, address, SHA-256)
MIDAS = (
    *((f"uk_ireland/midas_daily/{name}", f"{_RWGEN}/daily_weather/{name}", found) for name, found in STATIONS.items()),
    (
        "uk_ireland/thames_dem.asc",
        f"{_RWGEN}/thames_dem.asc",
        "5beec779ed764d2c882935591a64f7ee868a2ea7459ac1b850e4b238b5f07e37",
    ),
)
GERMANY_SNAPSHOT = (
    (
        "germany/temp_obs.txt",
        f"{_GSTOOLS}/examples/08_geo_coordinates/temp_obs.txt",
        "7f5d21e4b9cd1dd192f9d44119a10dafdd52e7a11c1f6fa7c521ecb76746c179",
    ),
    (
        "germany/dwd/TU_Stundenwerte_Beschreibung_Stationen.2021.txt",
        f"{_XAI4MPC}/data/TU_Stundenwerte_Beschreibung_Stationen.txt",
        "07a98ac71cb6131b253e283237f904ec4389ca2b758e8108ee0cd61adf1082c2",
    ),
)
