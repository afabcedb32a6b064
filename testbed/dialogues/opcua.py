"""asyncua on both sides: endpoints, a session with a user's name, read, write, browse, call, a subscription; nothing encrypted."""

import asyncio

from truth import SERVER, reveals, role, will

PORT, KIND = 4840, "tcp"
URL = f"opc.tcp://{SERVER}:{PORT}/kiln/"


async def serve_():
    from asyncua import Server, ua
    from asyncua.server.user_managers import UserManager
    from asyncua.crypto.permission_rules import User, UserRole

    class Anybody(UserManager):
        def get_user(self, iserver, username=None, password=None, certificate=None):
            return User(role=UserRole.Admin, name=username)

    server = Server(user_manager=Anybody())
    await server.init()
    server.set_endpoint(URL)
    server.set_server_name("Minamo Kiln Server")
    await server.set_application_uri("urn:minamo:kiln")
    server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
    space = await server.register_namespace("urn:minamo:kiln:nodes")
    kiln = await server.nodes.objects.add_object(ua.NodeId("Kiln3", space), "Kiln3")
    temperature = await kiln.add_variable(ua.NodeId("Kiln3.Temperature", space), "Temperature", 842.5)
    point = await kiln.add_variable(ua.NodeId("Kiln3.SetPoint", space), "SetPoint", 850.0)
    await point.set_writable()

    async def vent(parent):
        return []
    await kiln.add_method(ua.NodeId("Kiln3.Vent", space), "Vent", vent, [], [])
    async with server:
        while True:
            await asyncio.sleep(1)
            await temperature.write_value(901.75)


class Heard:
    def __init__(self):
        self.values = []

    def datachange_notification(self, node, value, data):
        self.values.append(value)


async def talk_():
    from asyncua import Client, ua
    will(protocol="opcua", phase="request", function=428)
    will(protocol="opcua", phase="response", function=431, outcome="done")
    await Client(URL).connect_and_get_server_endpoints()
    client = Client(URL)
    client.set_user("operator7")
    client.set_password("never shown")
    client.name = "Panel 4"
    will(protocol="opcua", act="connect", phase="request")
    will(protocol="opcua", phase="request", function=461)
    will(protocol="opcua", act="authenticate", phase="request", function=467)
    reveals(SERVER, "application", "Minamo Kiln Server")
    async with client:
        space = await client.get_namespace_index("urn:minamo:kiln:nodes")
        temperature, point = client.get_node(f"ns={space};s=Kiln3.Temperature"), client.get_node(f"ns={space};s=Kiln3.SetPoint")
        will(protocol="opcua", act="read", phase="request", function=631, object=f"ns={space};s=Kiln3.Temperature")
        will(protocol="opcua", act="read", phase="response", object=f"ns={space};s=Kiln3.Temperature", outcome="done")
        await temperature.read_value()
        will(protocol="opcua", act="write", phase="request", function=673, object=f"ns={space};s=Kiln3.SetPoint", value=875.25)
        will(protocol="opcua", act="write", phase="response", object=f"ns={space};s=Kiln3.SetPoint", outcome="done")
        await point.write_value(875.25)
        will(protocol="opcua", act="read", phase="response", object=f"ns={space};s=Kiln3.SetPoint", value=875.25, outcome="done")
        await point.read_value()
        kiln = client.get_node(f"ns={space};s=Kiln3")
        will(protocol="opcua", act="browse", phase="request", function=527, object=f"ns={space};s=Kiln3")
        await kiln.get_children()
        will(protocol="opcua", act="call", phase="request", function=712)
        will(protocol="opcua", act="call", phase="response", outcome="done")
        await kiln.call_method(ua.NodeId("Kiln3.Vent", space))
        will(protocol="opcua", act="read", phase="response", object=f"ns={space};s=Kiln3.Nothing", outcome="refused")
        try:
            await client.get_node(f"ns={space};s=Kiln3.Nothing").read_value()
        except ua.UaError as error:
            print(error)
        will(protocol="opcua", act="subscribe", phase="request", function=787)
        will(protocol="opcua", act="subscribe", phase="request", function=751)
        heard = Heard()
        subscription = await client.create_subscription(200, heard)
        await subscription.subscribe_data_change(temperature)
        await asyncio.sleep(2.5)
        assert 901.75 in heard.values
        await subscription.delete()
    will(protocol="opcua", act="disconnect", phase="request", function=473)


role(lambda: asyncio.run(serve_()), lambda: asyncio.run(talk_())) if __name__ == "__main__" else None
