"""pymcprotocol in frames 3E and 4E, binary and ascii code, and pymelsec, against a responder: there is no public server."""

from responders import slmp
from responders.slmp import NO_DEVICE
from truth import SERVER, reveals, role, will

PORT, KIND = 5007, "tcp"


def serve():
    slmp.serve(SERVER, PORT, {}, ("Q03UDECPU", 0x0268))


def talk_to(client, ascii_code, base):
    client.setaccessopt(commtype="ascii" if ascii_code else "binary")
    client.connect(SERVER, PORT)
    will(protocol="slmp", act="identify", phase="request", function=0x01010000)
    reveals(SERVER, "product", "Q03UDECPU")
    client.read_cputype()
    will(protocol="slmp", act="write", phase="request", function=0x14010000, object=f"D{base}", count=3, value=[base, 2, 3])
    will(protocol="slmp", act="write", phase="response", object=f"D{base}", outcome="done")
    client.batchwrite_wordunits(f"D{base}", [base, 2, 3])
    will(protocol="slmp", act="read", phase="response", object=f"D{base}", count=3, value=[base, 2, 3], outcome="done")
    assert client.batchread_wordunits(f"D{base}", 3) == [base, 2, 3]
    will(protocol="slmp", act="write", phase="request", function=0x14010001, object=f"M{base}", count=2, value=[True, False])
    client.batchwrite_bitunits(f"M{base}", [1, 0])
    will(protocol="slmp", act="read", phase="request", function=0x04010001, object="X1F", count=1)
    client.batchread_bitunits("X1F", 1)
    will(protocol="slmp", act="read", phase="response", object="D12287", outcome="refused", status=NO_DEVICE)
    try:
        client.batchread_wordunits("D12287", 3)
        raise SystemExit("there is no such device")
    except Exception as error:
        print(error)
    will(protocol="slmp", act="stop", phase="request", function=0x10020000)
    will(protocol="slmp", act="stop", phase="response", outcome="done")
    client.remote_stop()
    will(protocol="slmp", act="start", phase="request", function=0x10010000)
    reveals(SERVER, "state", "run")
    client.remote_run(clear_mode=0)
    client.close()


def talk():
    import pymcprotocol
    import pymelsec
    from pymelsec.constants import DT
    talk_to(pymcprotocol.Type3E(), False, 100)
    talk_to(pymcprotocol.Type3E(), True, 200)
    talk_to(pymcprotocol.Type4E(), False, 300)
    talk_to(pymcprotocol.Type4E(), True, 400)
    with pymelsec.Type3E(host=SERVER, port=PORT, plc_type="Q") as plc:
        plc.set_access_opt(comm_type="binary")
        will(protocol="slmp", act="read", phase="request", object="D500", count=4)
        plc.batch_read(ref_device="D500", read_size=4, data_type=DT.SWORD)


role(serve, talk) if __name__ == "__main__" else None
