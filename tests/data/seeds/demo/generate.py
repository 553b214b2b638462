#!/usr/bin/env python3
"""Writes contoso-tokens.csv beside this script: 150 good tokens of 140 people, and nine rows as people meet them.

The output depends on nothing but this file, so that tests may count on it.
"""
import base64
import pathlib
import random

PEOPLE = """
adele.vance alex.wilber megan.bowen diego.siciliani isaiah.langer lynne.robbins nestor.wilke patti.fernandez grady.archie
miriam.graham anna.svensson lars.johansson karin.lindqvist erik.nystrom ingrid.dahl olav.haugen kari.bakken mette.sorensen
niels.mikkelsen aino.virtanen mikko.korhonen hanna.schmidt jonas.weber lena.fischer markus.hofmann sabine.krueger
stefan.zimmermann claire.dubois julien.moreau camille.lefevre antoine.girard elodie.rousseau giulia.rossi marco.bianchi
chiara.ricci luca.esposito francesca.conti lucia.garcia javier.romero carmen.navarro pablo.ortega ines.delgado
joana.ferreira tiago.carvalho beatriz.almeida rui.oliveira mariana.souza katarzyna.nowak piotr.kowalski agnieszka.wozniak
tomasz.zielinski jana.novotna petr.svoboda zuzana.horvathova matej.kovac ivana.horvat dragan.petrovic milica.jovanovic
elena.popescu andrei.ionescu ioana.dumitru georgi.dimitrov maria.papadopoulou nikos.georgiou eleni.christodoulou
ayse.yilmaz mehmet.kaya zeynep.demir emre.celik olena.shevchenko taras.kovalenko oksana.bondarenko nino.beridze
ani.hakobyan layla.haddad omar.nasser fatima.elamrani youssef.benali rania.khoury karim.mansour noa.levi eitan.cohen
parisa.hosseini reza.karimi aisha.khan bilal.ahmed priya.sharma rahul.verma ananya.iyer vikram.reddy deepa.nair
arjun.patel nusrat.jahan tharindu.perera wei.zhang li.na.chen jun.wang xiaoming.liu mei.lin haruto.sato yui.tanaka
kenji.yamamoto sakura.ito minjun.kim seoyeon.park jiho.lee linh.nguyen minh.tran thao.pham somchai.wattana siti.rahman
budi.santoso dewi.lestari maria.santos jose.reyes amara.okafor chinedu.eze folake.adeyemi kwame.mensah abena.owusu
wanjiru.kamau otieno.odhiambo thandiwe.nkosi sipho.dlamini hiwot.tesfaye tendai.moyo sofia.martinez mateo.hernandez
valentina.rojas santiago.vargas camila.fuentes joao.pereira leilani.kealoha aroha.ngata tane.walker emily.carter
michael.brown sinead.obrien rhys.davies fiona.macleod
""".split()

MAKERS = [  # manufacturer, model, interval, first serial, digits
    ("Token2", "C203", 30, 865_300_41, 8),
    ("Feitian", "OTP c200", 60, 2_600_215_704_900, 13),
    ("Deepnet Security", "SafeID/Classic", 60, 1_000_4100, 8),
    ("Contoso", "C100", 30, 12_340, 7),  # leading zeros
]
SHARES = [60, 50, 25, 15]


def main():
    rng = random.Random(20260101)
    assert len(PEOPLE) == 140 and len(set(PEOPLE)) == 140, (len(PEOPLE), len(set(PEOPLE)))

    def key(size=20):
        return base64.b32encode(bytes(rng.randrange(256) for _ in range(size))).decode()

    owners = PEOPLE + PEOPLE[3::14]  # ten have a second token
    assert len(owners) == 150
    rows = []
    tokens = [(maker, n) for maker, share in zip(MAKERS, SHARES) for n in range(share)]
    rng.shuffle(owners)
    for (maker, n), owner in zip(tokens, owners):
        name, model, interval, first, digits = maker
        serial = str(first + n * (1 if digits == 13 else 3)).zfill(digits)
        rows.append(f"{owner}@contoso.com,{serial},{key()},{interval},{name},{model}")

    def bad(at, row):
        rows.insert(at, row)

    zero = key()
    bad(12, f"priya.sharma@contoso.com,2.60022E+12,{key()},60,Feitian,OTP c200")
    bad(29, f"omar.nasser@contoso.com,86530900,{key()},45,Token2,C203")
    bad(41, f"emily.carter@contoso.com,86530903,{zero[:17]}0{zero[18:]},30,Token2,C203")
    bad(58, f"kenji.yamamoto.contoso.com,86530906,{key()},30,Token2,C203")
    bad(77, "thandiwe.nkosi@contoso.com,86530909,,30,Token2,C203")
    bad(95, rows[20])
    bad(110, f"left.company@contoso.com,86530912,{key()},30,Token2,C203")
    bad(126, f"anna_fabrikam.com#EXT#@contoso.onmicrosoft.com,86530915,{key()},30,Token2,C203")
    bad(141, f"marco.bianchi@contoso.com,86530918,{key()},30s,Token2,C203")

    lines = ["upn,serial number,secret key,time interval,manufacturer,model", *rows]
    target = pathlib.Path(__file__).with_name("contoso-tokens.csv")
    target.write_bytes("".join(line + "\r\n" for line in lines).encode())


main()
