from simcord import *


async def test_copy(simcord_env, app, script):
    env = simcord_env
    guild = env.create_guild("Studio")
    channel = guild.create_text_channel("marketing")
    ada = guild.add_member(env.create_user("ada"))
    result = await ada.slash(channel, "copy", brief="tweet: we close on Monday", kind="social_post")
    print(result)
    print(result.response and result.response.components)
    await ada.send(channel, f"<@{env.bot.user.id if hasattr(env, 'bot') else ''}> write a quiz on the water cycle")
    print(channel.last_message)
    print(env.transcript())
    assert 0
